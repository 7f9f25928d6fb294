module anchorhold.dev/sample-agent

go 1.21
