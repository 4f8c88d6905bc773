#include "core/base/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>
#include <sstream>
#include <utility>

namespace errand::metrics {
namespace {

// Never destroyed, because threads may still count after main's static objects are destroyed.
prometheus::Registry& registry() {
  static auto* all = new prometheus::Registry(prometheus::Registry::InsertBehavior::Merge);
  return *all;
}

struct Measures {
  std::mutex mutex;
  std::set<const std::function<void()>*> all;
};

Measures& measures() {
  static auto* all = new Measures;
  return *all;
}

double seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

// Returns field `number` of /proc/self/stat, counted like in proc(5), from 3 on. Reads after the last
// bracket, because the name in field 2 may contain spaces.
double statField(int number) {
  std::ifstream file("/proc/self/stat");
  std::string all;
  std::getline(file, all);
  std::istringstream rest(all.substr(all.rfind(')') + 1));
  std::string field;
  for (int i = 3; i <= number; ++i) rest >> field;
  return rest ? std::stod(field) : 0;
}

double bootTime() {
  std::ifstream file("/proc/stat");
  for (std::string key; file >> key; file.ignore(65536, '\n')) {
    double value = 0;
    if (key == "btime" && file >> value) return value;
  }
  return 0;
}

double startTime() {
  constexpr int kStartTicks = 22;
  return bootTime() + statField(kStartTicks) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double openFiles() {
  std::error_code failed;
  double n = 0;
  for (std::filesystem::directory_iterator it("/proc/self/fd", failed), end; !failed && it != end;
       it.increment(failed))
    ++n;
  return n - 1;  // without the descriptor of the directory itself
}

void measureProcess() {
  static const Counter cpu = counter("process_cpu_seconds_total", "User and system CPU time spent.");
  static const Gauge memory = gauge("process_resident_memory_bytes", "Resident memory size.");
  static const Gauge open = gauge("process_open_fds", "Open file descriptors.");
  static const Gauge most = gauge("process_max_fds", "Most file descriptors that may be open.");
  static const Gauge start = gauge("process_start_time_seconds", "Start of the process, since the epoch.");
  static const double started = startTime();
  constexpr int kResidentPages = 24;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  cpu.increment(seconds(usage.ru_utime) + seconds(usage.ru_stime) - cpu.value());
  memory.set(statField(kResidentPages) * static_cast<double>(sysconf(_SC_PAGESIZE)));
  open.set(openFiles());
  most.set(static_cast<double>(files.rlim_cur));
  start.set(started);
}

}  // namespace

void Counter::increment(double by) const { series_->Increment(by); }
double Counter::value() const { return series_->Value(); }
void Gauge::set(double value) const { series_->Set(value); }
void Gauge::add(double by) const { series_->Increment(by); }
double Gauge::value() const { return series_->Value(); }
void Histogram::observe(double value) const { series_->Observe(value); }
double Histogram::count() const { return static_cast<double>(series_->Collect().histogram.sample_count); }

Counter counter(const std::string& name, const std::string& help, const Labels& labels) {
  return Counter(prometheus::BuildCounter().Name(name).Help(help).Register(registry()).Add(labels));
}

Gauge gauge(const std::string& name, const std::string& help, const Labels& labels) {
  return Gauge(prometheus::BuildGauge().Name(name).Help(help).Register(registry()).Add(labels));
}

Histogram histogram(const std::string& name, const std::string& help, const std::vector<double>& buckets,
                    const Labels& labels) {
  return Histogram(
      prometheus::BuildHistogram().Name(name).Help(help).Register(registry()).Add(labels, buckets));
}

const std::vector<double>& latencyBuckets() {
  static const std::vector<double> buckets{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};
  return buckets;
}

Measured::Measured(std::function<void()> measure) : measure_(std::move(measure)) {
  const std::lock_guard lock(measures().mutex);
  measures().all.insert(&measure_);
}

Measured::~Measured() {
  const std::lock_guard lock(measures().mutex);
  measures().all.erase(&measure_);
}

std::string text() {
  measureProcess();
  {
    const std::lock_guard lock(measures().mutex);
    for (const auto* measure : measures().all) (*measure)();
  }
  return prometheus::TextSerializer().Serialize(registry().Collect());
}

}  // namespace errand::metrics
