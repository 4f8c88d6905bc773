#include "core/kube/watch/reflector.hpp"

#include <optional>

#include "core/base/log.hpp"
#include "core/base/metrics.hpp"
#include "core/json/node.hpp"
#include "core/kube/client/status.hpp"

namespace errand::kube {
namespace {

std::string metadataText(const JsonNode& object, std::string_view key) {
  const auto meta = object.child("metadata");
  const auto field = meta ? meta->child(key) : std::nullopt;
  std::string_view out;
  return field && field->value().get(out) == simdjson::SUCCESS ? std::string(out) : std::string();
}

std::optional<Error> listPage(WatchMachine& machine, const Request& request, Transport& transport,
                              const std::stop_token& stop) {
  const auto response = transport.call(request, stop);
  if (!response) return response.error();
  if (response->status != 200) return errorOf(*response);
  if (auto read = machine.page(response->body.reveal()); !read) return read.error();
  return std::nullopt;
}

std::optional<Error> watch(WatchMachine& machine, const Request& request, Transport& transport,
                           WatchSink& sink, const std::stop_token& stop) {
  LineSplitter lines;
  Result<void> read;
  size_t dropped = 0;
  const auto response = transport.stream(
      request,
      [&](std::string_view bytes) {
        const bool more = lines.feed(bytes, [&](std::string_view line) {
          read = machine.line(line);
          return read.has_value();
        });
        for (; dropped < lines.dropped(); ++dropped)
          sink.unreadable(Error{ErrorKind::Invalid, "a watch event over 32 MiB"});
        return more;
      },
      stop);
  if (!read) return read.error();
  if (!response) return response.error();
  if (response->status != 200) return errorOf(*response);
  return std::nullopt;
}

// Logs once that a watch fails, and once that it works again.
class Reporter {
 public:
  explicit Reporter(const WatchSpec& spec) : spec_(spec) {}

  void failed(const Error& error, Millis wait) {
    metrics::counter(
        "errand_watch_failures_total", "Lists and watches that failed, by kind of error.",
        {{"resource", std::string(spec_.resource.plural)}, {"kind", std::string(toString(error.kind))}})
        .increment();
    if (error.kind == ErrorKind::Gone || error.kind == failing_) return;
    failing_ = error.kind;
    log::warn("watch failed, trying again", {{"resource", spec_.resource.plural},
                                             {"namespace", spec_.ns},
                                             {"kind", toString(error.kind)},
                                             {"error", error.message},
                                             {"retryMs", wait.count()}});
  }
  void worked() {
    if (!failing_) return;
    failing_.reset();
    log::info("watch works again", {{"resource", spec_.resource.plural}, {"namespace", spec_.ns}});
  }

 private:
  const WatchSpec& spec_;
  std::optional<ErrorKind> failing_;
};

// Forwards the changes of a WatchMachine, and records that data has arrived.
class Listening final : public WatchSink {
 public:
  Listening(WatchSink& to, Reporter& reporter) : to_(to), reporter_(reporter) {}

  void init() override { to_.init(); }
  void initApply(const JsonNode& object) override { to_.initApply(object); }
  void initDelete(const JsonNode& object) override { to_.initDelete(object); }
  void initDone(std::string_view version) override {
    to_.initDone(version);
    reporter_.worked();
  }
  void applied(const JsonNode& object) override {
    reporter_.worked();
    to_.applied(object);
  }
  void deleted(const JsonNode& object) override {
    reporter_.worked();
    to_.deleted(object);
  }
  void observed(std::string_view version) override {
    reporter_.worked();
    to_.observed(version);
  }
  void unreadable(const Error& why) override { to_.unreadable(why); }

 private:
  WatchSink& to_;
  Reporter& reporter_;
};

}  // namespace

ObjectKey keyOf(const JsonNode& object) {
  return {metadataText(object, "namespace"), metadataText(object, "name")};
}

std::string versionOf(const JsonNode& object) { return metadataText(object, "resourceVersion"); }

void logSkipped(const WatchSpec& spec, const ObjectKey& key, const Error& why) {
  metrics::counter("errand_watch_objects_skipped_total", "Objects left out because they do not decode.",
                   {{"resource", std::string(spec.resource.plural)}})
      .increment();
  log::error("object left out", {{"resource", spec.resource.plural},
                                 {"namespace", key.ns.empty() ? spec.ns : key.ns},
                                 {"name", key.name},
                                 {"error", why.message}});
}

void reflect(const WatchSpec& spec, Transport& transport, WatchSink& sink, const ReflectorSeams& seams,
             std::stop_token stop) {
  Reporter reporter(spec);
  Listening listening(sink, reporter);
  WatchMachine machine(spec, listening, *seams.random);
  while (!stop.stop_requested()) {
    const Request request = machine.next();
    const auto error = machine.phase() == WatchMachine::Phase::List
                           ? listPage(machine, request, transport, stop)
                           : watch(machine, request, transport, listening, stop);
    if (stop.stop_requested()) return;
    const Millis wait = machine.ended(error ? &*error : nullptr);
    if (error && wait > Millis{0}) reporter.failed(*error, wait);
    if (wait > Millis{0} && !seams.pause(wait, stop)) return;
  }
}

}  // namespace errand::kube
