// Protocol buffers by hand: the few messages of the service, their binary form
// and their JSON form.
//
// A message type is a list of fields [number, name, kind]. A kind is string,
// strings (repeated), bool, int64, time (a Timestamp, here in whole seconds), or
// the list of [number, name] of an enum.

import { Code, Refusal } from './refusal.mjs';

const AUTHENTICATE_CODE = [
  [0, 'AUTHENTICATE_CODE_OK'],
  [1, 'AUTHENTICATE_CODE_GENERAL_ERROR'],
  [2, 'AUTHENTICATE_CODE_WRONG_CREDENTIALS'],
  [4, 'AUTHENTICATE_CODE_USER_LOCKED'],
];
const ERROR_CODE = [
  [0, 'OK'],
  [1, 'GENERAL_ERROR'],
];

export const Empty = [];

export const AuthenticateRequest = [
  [1, 'user_name', 'string'],
  [2, 'password', 'string'],
];

export const AuthenticateResponse = [
  [1, 'token_name', 'string'],
  [2, 'token_value', 'string'],
  [3, 'expires_at', 'string'],
  [5, 'expires_in', 'int64'],
  [10, 'is_unrestricted', 'bool'],
  [16, 'user_id', 'string'],
  [17, 'roles_ids', 'strings'],
];

export const AuthenticateResponseEx = [...AuthenticateResponse, [20, 'error_code', AUTHENTICATE_CODE]];

export const GetSessionInfoRequest = [[1, 'session_token', 'string']];

export const GetSessionInfoResponse = [
  [1, 'login', 'string'],
  [2, 'expires_at', 'time'],
];

export const CloseSessionResponse = [[15, 'error_code', ERROR_CODE]];

export const Uptime = [[1, 'uptime_seconds', 'int64']];

const LENGTH_DELIMITED = 2;

// encode writes a message; what is missing or zero is left out.
export function encode(type, value) {
  const parts = [];
  for (const [number, name, kind] of type) {
    for (const item of kind === 'strings' ? value[name] ?? [] : [value[name]]) {
      if (isZero(item, kind)) continue;
      const bytes = lengthDelimited(item, kind);
      if (bytes) {
        parts.push(varint((number << 3) | LENGTH_DELIMITED), varint(bytes.length), bytes);
      } else {
        parts.push(varint(number << 3), varint(asNumber(item, kind)));
      }
    }
  }
  return Buffer.concat(parts);
}

// lengthDelimited is what stands behind its own length, or nothing.
function lengthDelimited(item, kind) {
  if (kind === 'time') return Buffer.concat([varint(1 << 3), varint(item)]);
  return typeof item === 'string' && !Array.isArray(kind) ? Buffer.from(item) : undefined;
}

// decode reads a message; unknown fields are passed over, the last of several wins.
export function decode(type, bytes) {
  const value = fromJSON(type, {});
  let at = 0;
  const take = (length) => {
    if (length > bytes.length - at) throw malformed();
    at += length;
    return bytes.subarray(at - length, at);
  };
  const takeVarint = () => {
    let result = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const [byte] = take(1);
      result |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, result);
    }
    throw malformed();
  };
  while (at < bytes.length) {
    const key = Number(takeVarint());
    const number = Math.floor(key / 8);
    if (number < 1 || number >= 2 ** 29) throw malformed();
    const raw = takeRaw(key % 8, take, takeVarint);
    const field = type.find(([n]) => n === number);
    if (field?.[2] === 'string' && raw instanceof Uint8Array) value[field[1]] = text(raw);
  }
  return value;
}

function takeRaw(wireType, take, takeVarint) {
  switch (wireType) {
    case 0:
      return takeVarint();
    case 1:
      take(8);
      return undefined;
    case LENGTH_DELIMITED: {
      const length = takeVarint();
      if (length > 2n ** 31n) throw malformed();
      return take(Number(length));
    }
    case 5:
      take(4);
      return undefined;
    default:
      throw malformed();
  }
}

// toJSON is the message as JSON: the proto's own names, zero values printed,
// 64-bit numbers as strings.
export function toJSON(type, value) {
  return Object.fromEntries(type.map(([, name, kind]) => [name, jsonOf(value[name], kind)]));
}

function jsonOf(item, kind) {
  if (Array.isArray(kind)) return item ?? kind[0][1];
  if (kind === 'int64') return String(item ?? 0);
  if (kind === 'time') return new Date(item * 1000).toISOString();
  return item ?? { string: '', strings: [], bool: false }[kind];
}

// fromJSON reads a request from JSON. All requests are made of strings alone.
export function fromJSON(type, json) {
  const value = {};
  for (const [, name] of type) {
    const item = Object.hasOwn(json, name) ? json[name] : null;
    if (item !== null && typeof item !== 'string') throw new Refusal(Code.INVALID_ARGUMENT, `${name} is a string`);
    value[name] = item ?? '';
  }
  return value;
}

function isZero(item, kind) {
  if (kind === 'strings') return false; // an empty string in a list counts
  return item === undefined || item === '' || asNumber(item, kind) === 0;
}

function asNumber(item, kind) {
  return Array.isArray(kind) ? kind.find(([, name]) => name === item)[0] : Number(item);
}

function varint(number) {
  const bytes = [];
  for (; number >= 0x80; number = Math.floor(number / 0x80)) bytes.push((number % 0x80) | 0x80);
  return Buffer.from([...bytes, number]);
}

function text(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed();
  }
}

const malformed = () => new Refusal(Code.INVALID_ARGUMENT, 'the message is malformed');
