package mmsp

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// servePage checks a browser's query string like a message. Pages have no signature, and a mistake is answered by
// HTTP 400 with a text for people.
func (s *Simulator) servePage(w http.ResponseWriter, r *http.Request, one *page) {
	one.calls.Add(1)
	query, duplicates := queryOf(r.URL.RawQuery)
	var problems []frame.Problem
	if r.Method != http.MethodGet {
		problems = append(problems, frame.Problem{Rule: frame.RuleMethod, Message: "请求方式应为GET"})
	}
	problems = append(problems, frame.CheckFields(query, duplicates, one.fields)...)
	if one.check != nil {
		problems = append(problems, one.check(query)...)
	}
	if len(problems) > 0 {
		texts := make([]string, 0, len(problems))
		for _, problem := range problems {
			s.violate(one.name, pageAccount(query), "", "400", problem)
			texts = append(texts, problem.Message)
		}
		http.Error(w, strings.Join(texts, "; "), http.StatusBadRequest)
		return
	}
	v := &visit{page: one, query: query, http: r}
	v.decision = s.faults.Decide(faults.Call{
		Operation: one.name, Account: pageAccount(query), Order: query.Text("MERORDERID"),
	})
	s.visit(w, v)
}

// pageAccount is the merchant number, which the two pages of section 10 name differently.
func pageAccount(query frame.Object) string { return or(query.Text("merno"), query.Text("memo")) }

func (s *Simulator) visit(w http.ResponseWriter, v *visit) {
	d := v.decision
	if d.DelayBefore > 0 {
		s.sleep(d.DelayBefore)
	}
	switch {
	case d.Is(faults.LostBefore), d.Is(faults.LostAfter):
		frame.Drop(w)
	case d.Is(faults.Refuse):
		http.Error(w, or(d.Rule.Message, "请求被拒绝"), http.StatusBadRequest)
	case d.Is(faults.HTTP500):
		frame.ProxyError(w, d.Rule.Status)
	default:
		v.page.run(w, v)
	}
}

// queryOf decodes a query string; a parameter that stands twice or cannot be decoded is reported.
func queryOf(raw string) (object frame.Object, duplicates []string) {
	object = make(frame.Object)
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		text, err := url.QueryUnescape(value)
		if err != nil {
			object[name] = frame.Value{Type: "undecodable"}
			continue
		}
		if _, twice := object[name]; twice {
			duplicates = append(duplicates, name)
		}
		object[name] = frame.Value{Type: "string", Text: text}
	}
	return object, duplicates
}
