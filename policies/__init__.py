"""What a stack of Souk may never look like: a CrossGuard pack of plain functions, by theme.

`rules` says what a policy is; `lens`, `containers`, `objects` and `pods` how Kubernetes objects are read. The modules
named by a theme hold its policies, and `catalogue` all of them. Only `__main__` and `engine` know Pulumi's engine.
"""
