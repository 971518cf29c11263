// Drives a server with tsdav: {url, username, password} and questions as lines of JSON on standard input, one answer a line.
import { createInterface } from "node:readline";
import { createDAVClient } from "tsdav";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const next = async () => JSON.parse((await lines.next()).value ?? "null");
const tell = (found) => console.log(JSON.stringify(found ?? null));

const { url, username, password } = await next();
const client = await createDAVClient({
  serverUrl: url,
  credentials: { username, password },
  authMethod: "Basic",
  defaultAccountType: "caldav",
});
const account = await client.createAccount({
  account: { serverUrl: url, accountType: "caldav", rootUrl: undefined },
  loadCollections: false,
});
const calendars = await client.fetchCalendars({ account });
tell({ account, calendars });

const answers = {
  objects: ({ calendar, ...how }) => client.fetchCalendarObjects({ calendar, ...how }),
  dirty: ({ collection }) => client.isCollectionDirty({ collection }),
  sync: ({ collection }) => client.syncCollection({
    url: collection.url,
    props: { "d:getetag": {} },
    syncLevel: 1,
    syncToken: collection.syncToken,
  }),
  smart: ({ collection, method }) => client.smartCollectionSync({
    collection: {
      ...collection,
      objectMultiGet: client.calendarMultiGet,
      fetchObjects: ({ collection: calendar }) => client.fetchCalendarObjects({ calendar }),
    },
    method,
    account,
    detailedResult: true,
  }),
  busy: ({ calendar, timeRange }) => client.freeBusyQuery({ url: calendar.url, timeRange }),
  create: async ({ calendar, iCalString, filename }) =>
    (await client.createCalendarObject({ calendar, iCalString, filename })).status,
};
for (let asked = await next(); asked; asked = await next()) {
  try {
    tell(await answers[asked.what](asked));
  } catch (error) {
    tell({ error: String(error) });
  }
}
