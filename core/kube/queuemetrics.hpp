// The metrics of a work queue, with client-go's names.
#pragma once

#include <string>

#include "core/base/metrics.hpp"

namespace errand::kube {

// The series of one queue, looked up once. Help texts, units and buckets are those of
// k8s.io/component-base/metrics/prometheus/workqueue. One difference: workqueue_retries_total counts only
// addRateLimited(), not planned delays.
struct QueueMetrics {
  explicit QueueMetrics(const std::string& name);

  metrics::Gauge depth;
  metrics::Counter adds;
  metrics::Histogram queued;  // seconds
  metrics::Histogram worked;  // seconds
  metrics::Gauge unfinished;  // seconds, summed over all keys in progress
  metrics::Gauge longest;     // seconds
  metrics::Counter retries;
};

}  // namespace errand::kube
