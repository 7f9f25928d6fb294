// Says of objects what the tools do that wait for them, Flux and Argo CD's health checks among them: by kstatus, the rules of Kubernetes' own
// cli-utils.
//
// OBJECTS is a file with a JSON object in each line; for each line, its status is printed.
package main

import (
	"bufio"
	"fmt"
	"log"
	"os"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

func main() {
	log.SetFlags(0)
	file, err := os.Open(os.Getenv("OBJECTS"))
	must(err)
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		object := &unstructured.Unstructured{}
		must(object.UnmarshalJSON(lines.Bytes()))
		result, err := status.Compute(object)
		must(err)
		fmt.Println(result.Status)
	}
	must(lines.Err())
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
