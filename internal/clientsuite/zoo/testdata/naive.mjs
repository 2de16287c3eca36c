// A client of the form dialect as web programs have it: interceptors around fetch, one that adds the token and one that
// logs in after a 401 and sends the request again.
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'

const base = process.env.DRAGOMAN_URL
let token

async function logIn() {
  const body = new URLSearchParams({ login: process.env.DRAGOMAN_LOGIN, pass: process.env.DRAGOMAN_PASSWORD })
  const response = await fetch(base + '/login', { method: 'POST', body })
  token = (await response.json()).token
}

async function call(method, path, body, again = true) {
  if (!token) await logIn()
  const response = await fetch(base + path, { method, body, headers: { 'X-Auth-Bearer': token } })
  await response.arrayBuffer()
  if ((response.status === 401 || response.status === 403) && again) {
    await logIn()
    return call(method, path, body, false)
  }
  return response.status
}

console.log('ready without stream crowd deadline early renew retry logout store tls')
for await (const line of createInterface({ input: process.stdin })) {
  const [command, ...words] = line.split(' ')
  const outcome = (method, path, bytes) => call(method, path, bytes && 'abcdefghijklmnopqrstuvwxyz'.repeat(bytes / 26 + 1).slice(0, bytes))
    .then((status) => `${status}:1`, (failed) => { console.error(failed.message); return 'error:1' })
  let outcomes = []
  if (command === 'call') outcomes = [await outcome(...words)]
  if (command === 'parallel') outcomes = await Promise.all(Array.from({ length: words[0] }, () => outcome(words[1], words[2])))
  if (command === 'wait') await wait(1000 * words[0])
  console.log('done', ...outcomes)
}
