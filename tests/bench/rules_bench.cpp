// Measures the rules on pods and ConfigMaps: reading alone, all rules on a pod of ordinary text, and all
// rules on text that nearly holds credentials everywhere.
#include <benchmark/benchmark.h>

#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "rules/catalogue/rule.hpp"
#include "rules/cluster/memoryclusterstate.hpp"
#include "rules/literals/scanner.hpp"
#include "rules/view/objectview.hpp"
#include "tests/unit/rules/literals/sample.hpp"

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

// Samples of every format without their last character, unless that is a credential as well.
const std::vector<std::string>& pieces() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> out;
    for (const Format* format : Scanner::instance().formats())
      for (const std::string_view sample : format->found)
        for (unsigned seed = 1; seed <= 5; ++seed) {
          std::string piece = expand(sample, seed);
          piece.pop_back();
          if (Scanner::instance().scan(" " + piece + " ").empty()) out.push_back(std::move(piece));
        }
    return out;
  }();
  return all;
}

// `size` bytes of the unit, or of pieces in a random order if it is empty.
std::string nearText(size_t size, std::string_view unit) {
  unsigned state = 1;
  std::string out;
  while (out.size() < size) {
    state = state * 1664525 + 1013904223;
    const size_t random = state >> 8;
    if (unit.empty())
      (out += pieces()[random % pieces().size()]) += " ,;\n"[random / 7 % 4];
    else
      out += unit;
  }
  out.resize(size);
  return out;
}

// A ConfigMap with a megabyte of text that costs the search most.
void nearMisses(benchmark::State& state, std::string_view unit) {
  const std::string text = nlohmann::json{{"apiVersion", "v1"},
                                          {"kind", "ConfigMap"},
                                          {"metadata", {{"name", "c"}, {"namespace", "agents"}}},
                                          {"data", {{"text", nearText(1'000'000, unit)}}}}
                               .dump();
  const MemoryClusterState cluster;
  const RuleSettings settings;
  for (auto _ : state) {
    const auto object = readObject(text);
    Verdict verdict = evaluate(*object, {"agents", "alice", cluster, settings}, CheckStage::Written);
    benchmark::DoNotOptimize(verdict);
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
}

BENCHMARK_CAPTURE(nearMisses, everyFormat, "")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(nearMisses, keys, "key=")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(nearMisses, urls, "https://a:")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(nearMisses, tokens, "a.eyJ-")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(nearMisses, passwords, "password: ")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(nearMisses, privateKeys, "-----BEGIN PRIVATE KEY-----")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(nearMisses, secrets, "secret")->Unit(benchmark::kMillisecond);
BENCHMARK(parses)->Arg(10 << 10)->Arg(100 << 10);
BENCHMARK(evaluates)->Arg(10 << 10)->Arg(100 << 10)->Arg(1 << 20);

}  // namespace

BENCHMARK_MAIN();
