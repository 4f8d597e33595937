import { InvalidArgumentError } from 'commander';
import { badInput } from './output.ts';

/** Parser of an option that is a whole number from `min` to `max`. */
export const integer =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
  };

/** Parser of an option that is a number from `min` to `max`. */
export const number =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+(?:\.\d+)?$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Give a number from ${min} to ${max}.`);
  };

/** Parser of an option that is a list of numbers, with commas. */
export const numbers =
  (min: number, max: number) =>
  (text: string): readonly number[] =>
    text.split(',').map((one) => number(min, max)(one.trim()));

/** Parser of an option that is a list of whole numbers, with commas. */
export const integers =
  (min: number, max: number) =>
  (text: string): readonly number[] =>
    text.split(',').map((one) => integer(min, max)(one.trim()));

/** Parser of an option that is a day of the calendar. */
export const day =
  (name: string) =>
  (text: string): string => {
    const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`));
    if (!isDay) throw badInput(name, text, 'this is not a day', 'write it as 2020-01-31');
    return text;
  };
