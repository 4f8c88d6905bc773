module errand.dev/faultproxy

go 1.26.0
