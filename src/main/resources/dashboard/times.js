// Shows each instant in the reader's own zone and manner; the page has it in UTC, which stays as its title.
"use strict";

const manner = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

for (const it of document.querySelectorAll("time[datetime]")) {
  const instant = new Date(it.dateTime);
  if (!Number.isNaN(instant.getTime())) {
    it.title = `${it.textContent.trim()} UTC`;
    it.textContent = manner.format(instant);
  }
}
for (const it of document.querySelectorAll("[data-zone]")) {
  it.textContent = `Times are of ${Intl.DateTimeFormat().resolvedOptions().timeZone}; each shows UTC when you point at it.`;
}
