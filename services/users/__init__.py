"""People and shops, as others see them.

It owns profiles, addresses, sellers with their onboarding, follows and wish lists; it offers `/api/v1/users`,
`/api/v1/sellers`, `/api/v1/seller/profile`, `/api/v1/staff/sellers`, and addresses to orders under `/internal/v1`; it
announces sellers approved and suspended; it listens to users registered and erased.
"""
