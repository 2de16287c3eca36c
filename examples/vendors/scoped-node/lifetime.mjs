// Lifetimes in words: "30 minutes", "12 hours", "8 days", "5 years".

const FORM = /^([1-9][0-9]{0,5}) (minute|hour|day|week|month|year)s?$/;
const MINUTE = 60_000;
const FIXED = { minute: MINUTE, hour: 60 * MINUTE, day: 24 * 60 * MINUTE, week: 7 * 24 * 60 * MINUTE };
const MONTHS = { month: 1, year: 12 };
const LONGEST_YEARS = 100;

export const DEFAULT_LIFE = '1 day';

// endOfLife returns when a life that starts at from is over, both in milliseconds
// since the epoch, or null for what is no life. Months and years are the
// calendar's, so five years usually have a leap day or two.
export function endOfLife(words, from) {
  const [, count, unit] = (typeof words === 'string' && FORM.exec(words)) || [];
  if (!unit) return null;
  const end = unit in FIXED ? from + count * FIXED[unit] : monthsLater(from, count * MONTHS[unit]);
  return end <= monthsLater(from, 12 * LONGEST_YEARS) ? end : null;
}

function monthsLater(from, months) {
  const date = new Date(from);
  const day = date.getUTCDate();
  date.setUTCMonth(date.getUTCMonth() + months);
  if (date.getUTCDate() !== day) date.setUTCDate(0); // 29 February has no anniversary in most years
  return date.getTime();
}
