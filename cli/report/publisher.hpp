// Publishes each report as metrics and events, for a scan that runs repeatedly in a cluster.
#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>

#include "cli/report/check.hpp"
#include "core/base/metrics.hpp"
#include "core/kube/events/series.hpp"

namespace errand::cli {

// Publishes reports one after the other. Not thread-safe.
class ReportPublisher {
 public:
  explicit ReportPublisher(kube::EventSink& events) : events_(events) {}

  // Sets errand_scan_findings{rule,severity,namespace} (namespace is empty for cluster-scoped objects),
  // errand_scan_objects, errand_scan_unreadable and errand_scan_completed_timestamp_seconds. Records one
  // Event for each namespaced object whose findings differ from the previous report; none if it has no
  // findings left.
  void publish(const Report& report, Time now);

 private:
  using Series = std::tuple<std::string_view, std::string>;  // rule, namespace
  void count(const Report& report);
  void notify(const Report& report);

  kube::EventSink& events_;
  std::map<Series, metrics::Gauge> gauges_;
  std::map<std::string, std::set<std::string>> noted_;  // the texts of the findings, by the object's uid
};

}  // namespace errand::cli
