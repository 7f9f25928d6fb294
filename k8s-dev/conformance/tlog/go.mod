module anchorhold.dev/conformance/tlog

go 1.26

require golang.org/x/mod v0.40.0
