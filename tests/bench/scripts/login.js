// One log-in after the other, of all accounts in turn.

import http from "k6/http";
import { count, facts } from "./telling.js";

export { handleSummary, options } from "./telling.js";

const headers = { "content-type": "application/json" };

export default function () {
  const email = facts.emails[(__VU * 7 + __ITER) % facts.emails.length];
  count(() => {
    const body = JSON.stringify({ email, password: facts.password });
    return http.post(`${facts.origin}/api/v1/auth/login`, body, { headers }).status === 200;
  });
}
