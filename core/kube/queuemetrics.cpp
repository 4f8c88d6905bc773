#include "core/kube/queuemetrics.hpp"

#include <vector>

namespace errand::kube {
namespace {

const std::vector<double> kBuckets{1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1000};

}  // namespace

QueueMetrics::QueueMetrics(const std::string& name)
    : depth(metrics::gauge("workqueue_depth", "Current depth of workqueue", {{"name", name}})),
      adds(metrics::counter("workqueue_adds_total", "Total number of adds handled by workqueue",
                            {{"name", name}})),
      queued(metrics::histogram("workqueue_queue_duration_seconds",
                                "How long in seconds an item stays in workqueue before being requested.",
                                kBuckets, {{"name", name}})),
      worked(metrics::histogram("workqueue_work_duration_seconds",
                                "How long in seconds processing an item from workqueue takes.", kBuckets,
                                {{"name", name}})),
      unfinished(metrics::gauge("workqueue_unfinished_work_seconds",
                                "How many seconds of work has been done that is in progress and hasn't been "
                                "observed by work_duration. Large values indicate stuck threads.",
                                {{"name", name}})),
      longest(metrics::gauge("workqueue_longest_running_processor_seconds",
                             "How many seconds has the longest running processor for workqueue been running.",
                             {{"name", name}})),
      retries(metrics::counter("workqueue_retries_total", "Total number of retries handled by workqueue",
                               {{"name", name}})) {}

}  // namespace errand::kube
