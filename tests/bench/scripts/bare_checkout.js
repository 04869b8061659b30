// The same purchase at the bare shop: cart, delivery, shipping, payment, purchase.

import http from "k6/http";
import { count, facts } from "./telling.js";

export { handleSummary, options } from "./telling.js";

const params = { headers: { "content-type": "application/json" } };

export default function () {
  const product = Math.floor(Math.random() * facts.products);
  count(() => buy(product));
}

function buy(product) {
  const line = JSON.stringify({ product_id: product, quantity: 1 });
  const made = http.post(`${facts.origin}/carts`, line, params);
  if (made.status !== 201) return false;
  const cart = `${facts.origin}/carts/${made.json("id")}`;
  const delivery = JSON.stringify({ email: "buyer@bench.example", address: facts.address });
  if (http.put(`${cart}/delivery`, delivery, params).status !== 200) return false;
  const offered = http.get(`${cart}/shipping`);
  if (offered.status !== 200) return false;
  if (http.put(`${cart}/shipping`, offered.body, params).status !== 200) return false;
  if (http.post(`${cart}/payment`, null, params).status !== 201) return false;
  return http.post(`${cart}/purchase`, null, params).status === 201;
}
