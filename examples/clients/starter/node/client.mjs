// A client in Node.js that "dragoman verify-client" judges in the scoped dialect. Put your own in the place of Client.
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'

class Client {
  base = process.env.DRAGOMAN_URL
  token = null
  pending = null

  async call(method, path, body) {
    for (let attempt = 1; ; attempt++) {
      const token = await this.obtain()
      const response = await this.send(method, path, body, { authorization: `Bearer ${token}` })
      await response.arrayBuffer()
      if (response.status !== 401 || attempt === 2) return response.status
      if (this.token === token) this.token = null // unless another call has replaced it
    }
  }

  // All calls that need a token at the same time wait for one login.
  async obtain() {
    this.pending ??= (this.token ? Promise.resolve(this.token) : this.logIn()).finally(() => { this.pending = null })
    return (this.token = await this.pending)
  }

  async logIn() {
    const body = JSON.stringify({ username: process.env.DRAGOMAN_LOGIN, password: process.env.DRAGOMAN_PASSWORD })
    const response = await this.send('POST', '/api/v1/auth/token', body, { 'content-type': 'application/json' })
    const { token } = await response.json()
    if (response.status !== 200 || !token) throw new Error(`the login was answered ${response.status}`)
    return token
  }

  // Redirects are followed within the server only.
  async send(method, path, body, headers) {
    const response = await fetch(this.base + path, { method, body, headers, redirect: 'manual' })
    const next = response.headers.get('location')
    if (method !== 'GET' || response.status < 300 || response.status > 399 || !next) return response
    const url = new URL(next, this.base)
    return url.origin === new URL(this.base).origin ? this.send(method, url.pathname + url.search, body, headers) : response
  }
}

const client = new Client()
console.log('ready without stream deadline early renew retry logout store tls')
for await (const line of createInterface({ input: process.stdin })) {
  const [command, ...words] = line.split(' ')
  const outcome = (method, path, bytes) => client.call(method, path, bytes && 'abcdefghijklmnopqrstuvwxyz'.repeat(bytes / 26 + 1).slice(0, bytes))
    .then((status) => `${status}:1`, () => 'error:1')
  let outcomes = []
  if (command === 'call') outcomes = [await outcome(...words)]
  if (command === 'parallel') outcomes = await Promise.all(Array.from({ length: words[0] }, () => outcome(words[1], words[2])))
  if (command === 'wait') await wait(1000 * words[0])
  console.log('done', ...outcomes)
}
