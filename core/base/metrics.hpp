// Prometheus metrics of this process. Only metrics.cpp includes prometheus-cpp.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace errand::metrics {

// Label values must come from a fixed, small set. Never use text that a user chose.
using Labels = std::map<std::string, std::string>;

// Each of these is a handle to one time series: cheap to copy, safe to use from any thread, and valid as long
// as the process.
class Counter {
 public:
  void increment(double by = 1) const;  // not by less than 0
  double value() const;

 private:
  friend Counter counter(const std::string&, const std::string&, const Labels&);
  explicit Counter(prometheus::Counter& series) : series_(&series) {}
  prometheus::Counter* series_;
};

class Gauge {
 public:
  void set(double value) const;
  void add(double by) const;
  double value() const;

 private:
  friend Gauge gauge(const std::string&, const std::string&, const Labels&);
  explicit Gauge(prometheus::Gauge& series) : series_(&series) {}
  prometheus::Gauge* series_;
};

class Histogram {
 public:
  void observe(double value) const;
  double count() const;

 private:
  friend Histogram histogram(const std::string&, const std::string&, const std::vector<double>&,
                             const Labels&);
  explicit Histogram(prometheus::Histogram& series) : series_(&series) {}
  prometheus::Histogram* series_;
};

// Return the series of that name and those labels, and create it at the first call. A call takes a lock, so
// keep the handle if you use it often. Names follow https://prometheus.io/docs/practices/naming, with seconds
// as base unit. Use the same type, help text and buckets in all calls with a name.
Counter counter(const std::string& name, const std::string& help, const Labels& labels = {});
Gauge gauge(const std::string& name, const std::string& help, const Labels& labels = {});
Histogram histogram(const std::string& name, const std::string& help, const std::vector<double>& buckets,
                    const Labels& labels = {});

// Returns the buckets of client-go and controller-runtime for requests and reconciles, in seconds.
const std::vector<double>& latencyBuckets();

// Calls a function before each text(), for values that are only worth computing when they are read. No call
// is in progress after the destructor returns. The function must not look up a series or create a Measured.
class Measured {
 public:
  explicit Measured(std::function<void()> measure);
  ~Measured();
  Measured(const Measured&) = delete;
  Measured& operator=(const Measured&) = delete;

 private:
  std::function<void()> measure_;
};

// Returns all series in the text format 0.0.4, with process_cpu_seconds_total, process_resident_memory_bytes,
// process_open_fds, process_max_fds and process_start_time_seconds.
std::string text();
inline constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace errand::metrics
