package oggtest_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// A Service Manager with one deployment, whose Extract abends.
func Example() {
	gg, err := oggtest.Start(oggtest.Installation{
		Release: oggtest.Release26ai,
		Deployments: []oggtest.Deployment{{
			Name:      "west",
			Processes: []oggtest.Process{{Name: "EWEST", Type: oggtest.Extract}},
		}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer gg.Close()
	gg.SetProcessStatus("west", "EWEST", "abended")

	r, _ := http.NewRequest(http.MethodGet, gg.ServiceURL("west", "adminsrvr")+"/extracts/EWEST/info/status", nil)
	r.SetBasicAuth(oggtest.DefaultUser, oggtest.DefaultPassword)
	r.Close = true
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	fmt.Println(res.Status, strings.Contains(string(body), `"status":"abended"`))
	// Output: 200 OK true
}
