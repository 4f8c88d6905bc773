// What a work queue tells about itself, by client-go's names.
#pragma once

#include <string>

#include "core/base/metrics.hpp"

namespace errand::kube {

// The series of one queue, looked up once. Help texts, units and buckets are
// those of k8s.io/component-base/metrics/prometheus/workqueue, but that
// workqueue_retries_total counts what is added after a failure and no delay that was planned.
struct QueueMetrics {
  explicit QueueMetrics(const std::string& name);

  metrics::Gauge depth;
  metrics::Counter adds;
  metrics::Histogram queued;  // seconds
  metrics::Histogram worked;  // seconds
  metrics::Gauge unfinished;  // seconds, over all keys that are worked on
  metrics::Gauge longest;     // seconds
  metrics::Counter retries;
};

}  // namespace errand::kube
