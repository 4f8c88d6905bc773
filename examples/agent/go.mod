module errand.dev/examples/agent

go 1.26
