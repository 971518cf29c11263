// Follows recurrence rules, or expands calendars, with ical.js: JSON on standard input, JSON on standard output.
import ICAL from "ical.js";

let text = "";
for await (const piece of process.stdin) text += piece;
const asked = JSON.parse(text);

// A rule from a start, both without a zone: its occurrences until `last`, at most `most`.
function follow({ rule, start, last, most }) {
  const end = ICAL.Time.fromDateTimeString(last);
  const walk = ICAL.Recur.fromString(rule).iterator(ICAL.Time.fromDateTimeString(start));
  const found = [];
  for (let next = walk.next(); next && next.compare(end) <= 0 && found.length < most; next = walk.next())
    found.push(next.toString());
  return found;
}

// A calendar: the instants, in seconds, at which its occurrences begin and end, until `last`.
function expand({ calendar, last }) {
  const component = new ICAL.Component(ICAL.parse(calendar));
  const zones = component.getAllSubcomponents("vtimezone").map((zone) => new ICAL.Timezone(zone));
  zones.forEach((zone) => ICAL.TimezoneService.register(zone));
  const parts = component.getAllSubcomponents("vevent");
  const master = parts.find((one) => !one.hasProperty("recurrence-id"));
  const odd = parts.filter((one) => one.hasProperty("recurrence-id"));
  const plain = (event) => [event.startDate.toUnixTime(), event.endDate.toUnixTime()];
  if (!master) return odd.map((one) => plain(new ICAL.Event(one)));
  const event = new ICAL.Event(master, { exceptions: odd.map((one) => new ICAL.Event(one)) });
  if (!event.isRecurring()) return [plain(event)];
  const found = [];
  const walk = event.iterator();
  for (let next = walk.next(); next && next.toUnixTime() <= last; next = walk.next()) {
    const it = event.getOccurrenceDetails(next);
    found.push([it.startDate.toUnixTime(), it.endDate.toUnixTime()]);
  }
  return found;
}

console.log(JSON.stringify(asked.map((one) => (one.rule ? follow(one) : expand(one)))));
