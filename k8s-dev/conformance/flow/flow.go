// Package flow runs flows (what programs ordinarily do with a cloud), one after the other, and prints a line for each. A flow that
// fails panics with a type of its own, so that flows read without error handling.
package flow

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

type Flow[W any] struct {
	Name string
	Run  func(w W)
}

// All runs the flows and returns how many have failed.
func All[W any](w W, flows []Flow[W]) int {
	failed := 0
	for _, f := range flows {
		if err := attempt(f, w); err != nil {
			failed++
			fmt.Printf("FAILED %s: %v\n", f.Name, err)
		} else {
			fmt.Printf("ok     %s\n", f.Name)
		}
	}
	return failed
}

type failure struct{ error }

func attempt[W any](f Flow[W], w W) (err error) {
	defer func() {
		if caught := recover(); caught != nil {
			if failed, ok := caught.(failure); ok {
				err = failed.error
				return
			}
			panic(caught)
		}
	}()
	f.Run(w)
	return nil
}

func Check(ok bool, format string, args ...any) {
	if !ok {
		panic(failure{fmt.Errorf(format, args...)})
	}
}

func NoError(err error) {
	Check(err == nil, "unexpected error: %v", err)
}

// AtPace is how long takes what takes that long in the real cloud, where actions are ANCHORHOLD_SPEED times as fast as there.
func AtPace(real time.Duration) time.Duration {
	speed, err := strconv.ParseFloat(os.Getenv("ANCHORHOLD_SPEED"), 64)
	if err != nil || speed <= 0 {
		speed = 1
	}
	return time.Duration(float64(real) / speed)
}

// Console POSTs to the simulator's console, whose address is in CONSOLE, and returns the body of the response.
func Console(path, body string) string {
	response, err := http.Post(os.Getenv("CONSOLE")+path, "application/json", strings.NewReader(body))
	NoError(err)
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	NoError(err)
	Check(response.StatusCode == 200, "the console answered %d: %s", response.StatusCode, answer)
	return string(answer)
}
