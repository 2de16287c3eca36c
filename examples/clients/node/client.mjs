// A small client of the form dialect: it keeps one token, and logs in again when that is rejected.
import { setTimeout as sleep } from "node:timers/promises";

export class Client {
  #base;
  #login;
  #password;
  #token;

  constructor(base, login, password) {
    this.#base = base;
    this.#login = login;
    this.#password = password;
  }

  // items returns the items. One outage of a few seconds is waited for.
  async items() {
    if (!this.#token) await this.#logIn();
    let response = await this.#get("/items");
    if (response.status === 503) {
      await sleep(1000 * Number(response.headers.get("retry-after") ?? 1));
      response = await this.#get("/items");
    }
    if (response.status === 401) {
      await this.#logIn();
      response = await this.#get("/items");
    }
    if (response.status !== 200) throw new Error(`GET /items: status ${response.status}`);
    return response.json();
  }

  #get(path) {
    return fetch(this.#base + path, { headers: { "X-Auth-Bearer": this.#token } });
  }

  async #logIn() {
    const body = new URLSearchParams({ login: this.#login, pass: this.#password });
    const response = await fetch(this.#base + "/login", { method: "POST", body });
    if (response.status !== 200) throw new Error(`POST /login: status ${response.status}`);
    this.#token = (await response.json()).token;
  }
}
