// Measures a review of a 10 KB pod: parsing alone, and parsing with all rules. The difference is the cost of
// the rules.
#include <benchmark/benchmark.h>

#include <string>

#include "rules/catalogue/rule.hpp"
#include "rules/cluster/memoryclusterstate.hpp"
#include "rules/view/objectview.hpp"

namespace {

using namespace errand::rules;

// `size` bytes of ordinary environment in two containers.
std::string pod(size_t size) {
  std::string env;
  for (int i = 0; env.size() * 2 < size; ++i)
    env += std::string(i > 0 ? "," : "") + R"({"name":"SETTING_)" + std::to_string(i) +
           R"(","value":"https://service-)" + std::to_string(i) + R"(.agents.svc:8443/v1/items?limit=100"})";
  const std::string container =
      R"("image":"registry.example.com/app@sha256:0f1e","args":["--verbose"],"env":[)" + env + "]}";
  return R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","labels":{"app":"web"}},"spec":{)"
         R"("automountServiceAccountToken":false,"volumes":[{"name":"work","emptyDir":{}}],"containers":[{"name":"a",)" +
         container + R"(,{"name":"b",)" + container + "]}}";
}

void parses(benchmark::State& state) {
  const std::string text = pod(static_cast<size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(readObject(text));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
}

void evaluates(benchmark::State& state) {
  const std::string text = pod(static_cast<size_t>(state.range(0)));
  const auto object = readObject(text);
  const MemoryClusterState cluster;
  const RuleSettings settings;
  for (auto _ : state) {
    const CheckInput input =
        wholePod({"agents", "alice", cluster, settings}, *object->pod, CheckStage::AtCreation);
    Verdict verdict = evaluate(input);
    if (!verdict.findings.empty()) state.SkipWithError("the pod is not refused");
    benchmark::DoNotOptimize(verdict);
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
}

BENCHMARK(parses)->Arg(10 << 10)->Arg(100 << 10);
BENCHMARK(evaluates)->Arg(10 << 10)->Arg(100 << 10)->Arg(1 << 20);

}  // namespace

BENCHMARK_MAIN();
