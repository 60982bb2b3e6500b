// Calendars as read by ical.js, the library of Thunderbird and many web calendars: the start
// and the end of each event in seconds since 1970, by the calendar's own VTIMEZONE.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(new URL("../../.cache/outside/", import.meta.url));
const ICAL = require("ical.js");

const read = (text) => {
  const calendar = new ICAL.Component(ICAL.parse(text));
  ICAL.TimezoneService.reset();
  for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
  return Object.fromEntries(
    calendar.getAllSubcomponents("vevent").map((component) => {
      const { summary, startDate, endDate } = new ICAL.Event(component);
      return [summary, [startDate.toUnixTime(), endDate.toUnixTime()]];
    }),
  );
};

const texts = JSON.parse(readFileSync(process.argv[2], "utf8"));
console.log(JSON.stringify(texts.map(read)));
