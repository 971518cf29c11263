// Reads calendars with ical.js: a JSON list of texts on standard input, one JSON list of what it found on standard output.
import ICAL from "ical.js";

let text = "";
for await (const piece of process.stdin) text += piece;

function read(calendar) {
  const component = new ICAL.Component(ICAL.parse(calendar));
  const zones = component.getAllSubcomponents("vtimezone").map((zone) => new ICAL.Timezone(zone));
  zones.forEach((zone) => ICAL.TimezoneService.register(zone));
  const shown = ["vevent", "vtodo"].flatMap((name) => component.getAllSubcomponents(name));
  return shown.map((event) => {
    const start = event.getFirstPropertyValue("dtstart") ?? event.getFirstPropertyValue("due");
    return {
      uid: event.getFirstPropertyValue("uid"),
      summary: event.getFirstPropertyValue("summary"),
      start: start.toUnixTime(),
      answers: Object.fromEntries(
        event.getAllProperties("attendee").map((a) => [a.getFirstValue(), a.getParameter("partstat")]),
      ),
    };
  });
}

console.log(JSON.stringify(JSON.parse(text).map(read)));
