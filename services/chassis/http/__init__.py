"""The HTTP face of a service: access rules, problem answers, paging, the OpenAPI document, health."""
