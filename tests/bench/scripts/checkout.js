// A purchase at Souk: a cart with one item, a look at it, and the checkout that holds, pays, commits and confirms.

import crypto from "k6/crypto";
import http from "k6/http";
import { count, facts } from "./telling.js";

export { handleSummary, options } from "./telling.js";

export default function () {
  const token = facts.tokens[(__VU * 7 + __ITER) % facts.tokens.length];
  const sku = facts.skus[Math.floor(Math.random() * facts.skus.length)];
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  count(() => buy(sku, headers));
}

function buy(sku, headers) {
  const lines = [{ sku, quantity: 1 }];
  const made = http.post(`${facts.origin}/api/v1/carts`, JSON.stringify({ lines }), { headers });
  if (made.status !== 201) return false;
  const cart = made.json("id");
  const seen = http.get(`${facts.origin}/api/v1/carts/${cart}`, { headers });
  if (seen.status !== 200) return false;
  const purchase = { cart_id: cart, payment_method: "tok_visa", address: facts.address };
  const key = crypto.hexEncode(crypto.randomBytes(16));
  const params = { headers: { ...headers, "idempotency-key": key } };
  const placed = http.post(`${facts.origin}/api/v1/checkouts`, JSON.stringify(purchase), params);
  return placed.status === 201 && placed.json("state") === "confirmed";
}
