create extension if not exists pg_trgm;

create table product(
  id integer primary key,
  title text not null,
  slug text not null unique,
  description text not null,
  price_minor integer not null,
  currency text not null,
  image_url text not null,
  stock integer not null check (stock >= 0)
);
create index product_by_title on product using gin (title gin_trgm_ops);

create table cart(
  id uuid primary key default gen_random_uuid(),
  email text,
  address jsonb,
  shipping_minor integer,
  paid_minor integer,
  closed boolean not null default false,
  created_at timestamptz not null default now()
);
create table cart_line(
  cart_id uuid not null references cart,
  product_id integer not null references product,
  quantity integer not null,
  price_minor integer not null,
  primary key (cart_id, product_id)
);

create table purchase(
  id bigint generated always as identity primary key,
  cart_id uuid not null unique references cart,
  email text not null,
  address jsonb not null,
  total_minor integer not null,
  placed_at timestamptz not null default now()
);
create table purchase_line(
  purchase_id bigint not null references purchase,
  product_id integer not null,
  quantity integer not null,
  price_minor integer not null
);
