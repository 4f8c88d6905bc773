// The report again and again, told as metrics and events: what a cluster runs beside itself.
#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>

#include "cli/live/report.hpp"
#include "core/base/metrics.hpp"
#include "core/kube/events/series.hpp"

namespace errand::cli {

// Tells of one report after the other. Not thread-safe, but for error().
class ReportPublisher {
 public:
  explicit ReportPublisher(kube::EventSink& events) : events_(events) {}

  // errand_scan_findings{rule,severity,namespace} (namespace is empty for what is of the whole cluster),
  // errand_scan_objects, errand_scan_unreadable and errand_scan_completed_timestamp_seconds. One Event for
  // each object of a namespace whose findings are not those of the report before; none where they went.
  void publish(const LiveReport& report, Time now);

 private:
  using Series = std::tuple<std::string_view, std::string>;  // rule, namespace
  void count(const LiveReport& report);
  void notify(const LiveReport& report);

  kube::EventSink& events_;
  std::map<Series, metrics::Gauge> gauges_;
  std::map<std::string, std::set<std::string>> noted_;  // by uid: the findings' texts
};

}  // namespace errand::cli
