// How fast lists and watch events of TaskGrants become typed objects: bytes a second of what the API server
// sends.
#include <benchmark/benchmark.h>

#include <nlohmann/json.hpp>

#include "core/kube/watch/reflector.hpp"
#include "tests/bench/samples.hpp"

namespace errand {
namespace {

// Decodes as a Reflector does, and lets the objects go.
class Decoding final : public kube::WatchSink {
 public:
  size_t objects = 0;

  void init() override {}
  void initApply(const JsonNode& object) override { count(object); }
  void initDelete(const JsonNode&) override {}
  void initDone(std::string_view) override {}
  void applied(const JsonNode& object) override { count(object); }
  void deleted(const JsonNode&) override {}
  void observed(std::string_view) override {}
  void unreadable(const Error&) override {}

 private:
  void count(const JsonNode& object) {
    if (const auto grant = api::decodeNode<api::TaskGrant>(object)) ++objects;
  }
};

class Zero final : public Random {
 public:
  std::uint64_t next() override { return 0; }
};

void report(benchmark::State& state, size_t bytes, size_t objects, size_t expected) {
  if (objects != expected) state.SkipWithError("not every object was decoded");
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
  state.SetItemsProcessed(static_cast<std::int64_t>(objects));
}

// 50,000 grants in pages of 500, as a reflector asks for them.
void list(benchmark::State& state) {
  constexpr int kPage = 500, kPages = 100;
  const std::string page = bench::grantList(kPage);
  Zero random;
  Decoding sink;
  size_t bytes = 0;
  for (auto run : state) {
    for (int i = 0; i < kPages; ++i) {
      kube::WatchMachine machine({.resource = api::kTaskGrants, .watchList = false}, sink, random);
      benchmark::DoNotOptimize(machine.page(page));
      bytes += page.size();
    }
  }
  report(state, bytes, sink.objects, static_cast<size_t>(state.iterations()) * kPage * kPages);
  state.counters["bytesPerObject"] = static_cast<double>(page.size()) / kPage;
}
BENCHMARK(list)->Unit(benchmark::kMillisecond)->MinTime(3)->Repetitions(3);

// The same as a stream (WatchList, KEP-3157): one line an object.
void watchList(benchmark::State& state) {
  const auto parsed = nlohmann::json::parse(bench::grantList(500));
  std::vector<std::string> lines;
  for (const auto& item : parsed["items"])
    lines.push_back(nlohmann::json{{"type", "ADDED"}, {"object", item}}.dump());
  Zero random;
  Decoding sink;
  size_t bytes = 0;
  for (auto run : state) {
    kube::WatchMachine machine({.resource = api::kTaskGrants}, sink, random);
    for (const std::string& line : lines) {
      benchmark::DoNotOptimize(machine.line(line));
      bytes += line.size();
    }
  }
  report(state, bytes, sink.objects, static_cast<size_t>(state.iterations()) * lines.size());
}
BENCHMARK(watchList)->Unit(benchmark::kMillisecond)->MinTime(1)->Repetitions(3);

}  // namespace
}  // namespace errand

BENCHMARK_MAIN();
