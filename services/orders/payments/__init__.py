"""Payment providers behind one port: `stripe`, and the `sandbox` that stands in for a real one."""
