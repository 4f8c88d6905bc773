// Prometheus metrics of this process. prometheus-cpp stays behind metrics.cpp.
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

// Values are of a fixed, small set: never text that a user chose.
using Labels = std::map<std::string, std::string>;

// Handles to one time series. Cheap to copy and to use from any thread; they
// live as long as the process.
class Counter {
 public:
  void increment(double by = 1) const;
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

// The series of that name and those labels; the same one for the same arguments.
// Looking one up takes a lock: keep the handle where it is used often. Names
// follow https://prometheus.io/docs/practices/naming, seconds as base unit; one
// name has one help text and one kind.
Counter counter(const std::string& name, const std::string& help, const Labels& labels = {});
Gauge gauge(const std::string& name, const std::string& help, const Labels& labels = {});
Histogram histogram(const std::string& name, const std::string& help, const std::vector<double>& buckets,
                    const Labels& labels = {});

// client-go's and controller-runtime's buckets for requests and reconciles, in seconds.
const std::vector<double>& latencyBuckets();

// Calls a function before each text(), for values that are only worth computing
// when somebody reads them, until it is destroyed; no call is under way after that.
// The function looks up no series and makes no other Measured.
class Measured {
 public:
  explicit Measured(std::function<void()> measure);
  ~Measured();
  Measured(const Measured&) = delete;
  Measured& operator=(const Measured&) = delete;

 private:
  std::function<void()> measure_;
};

// Everything, with process_cpu_seconds_total, process_resident_memory_bytes,
// process_open_fds, process_max_fds and process_start_time_seconds, in the text
// format 0.0.4.
std::string text();
inline constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace errand::metrics
