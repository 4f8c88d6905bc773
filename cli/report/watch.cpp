#include "cli/report/watch.hpp"

#include <atomic>

#include "cli/report/check.hpp"
#include "cli/report/publisher.hpp"
#include "core/base/log.hpp"
#include "core/kube/events/recorder.hpp"

namespace errand::cli {

Result<void> watch(const kube::Client& client, const WatchOptions& options, daemon::Process& process) {
  kube::EventRecorder events(client, {.controller = "errand.dev/scan", .instance = "errand-scanner"});
  ReportPublisher publisher(events);
  std::atomic<bool> scanned = false;
  const auto health = process.serveHealth(
      {{"scanned",
        [&] { return scanned ? Result<void>() : fail(ErrorKind::Unavailable, "nothing is scanned yet"); }}});
  if (!health) return std::unexpected(health.error());
  do {
    const auto world = readCluster(client, {.ns = options.ns});
    if (!world) {
      log::warn("scan failed", {{"error", world.error().message}});
      continue;
    }
    for (const Broken& one : world->broken)
      log::warn("not read", {{"what", one.what}, {"error", one.message}});
    const Time now = systemClock().now();
    const Report found = checkCluster(*world, now, options.rules);
    publisher.publish(found, now);
    scanned = true;
    log::info("scanned", {{"objects", std::to_string(found.objects)},
                          {"findings", std::to_string(found.findings.size())}});
  } while (!process.awaitEnd(options.every));
  events.stop(Millis{2000});
  return {};
}

}  // namespace errand::cli
