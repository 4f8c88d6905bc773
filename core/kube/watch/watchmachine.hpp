// List and watch as a state machine: answers in, requests and changes out. Pure:
// no thread, clock or socket, as kube-rs' watcher.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "core/api/resource.hpp"
#include "core/kube/http/transport.hpp"
#include "core/kube/pause.hpp"

namespace errand::kube {

// What to watch.
struct WatchSpec {
  api::Resource resource;
  std::string ns = {};  // empty: all namespaces
  std::string labelSelector = {}, fieldSelector = {};
  bool metadataOnly = false;  // ask for PartialObjectMetadata
  // What an object that does not decode counts as: its last good form, or absent. Absent where
  // that form may allow what the present one forbids.
  bool undecodableIsAbsent = false;
  bool watchList = true;  // stream the first list where the server can (KEP-3157)
  int pageSize = 500;
  Backoff backoff{};
  // Longest wait after 403, 404 or 429: rights or the kind may be on their way, the server may have just
  // started.
  Millis setupCap{5'000};
};

// Where the changes go. init, initApply... and initDone bracket a complete
// list; after initDone each change comes by itself.
class WatchSink {
 public:
  virtual ~WatchSink() = default;
  virtual void init() = 0;
  virtual void initApply(const nlohmann::json& object) = 0;
  virtual void initDelete(const nlohmann::json& object) = 0;
  virtual void initDone(std::string_view resourceVersion) = 0;
  virtual void applied(const nlohmann::json& object) = 0;
  virtual void deleted(const nlohmann::json& object) = 0;
  virtual void observed(std::string_view resourceVersion) = 0;  // by a bookmark
  virtual void unreadable(const Error& why) = 0;                // an event that is no object
};

class WatchMachine {
 public:
  enum class Phase {
    WatchList,  // a stream that starts with every object
    List,       // pages; next() is a plain call
    Watch,      // a stream of changes since version()
  };

  WatchMachine(WatchSpec spec, WatchSink& sink, Random& random);

  Phase phase() const { return phase_; }
  const std::string& version() const { return version_; }
  unsigned failures() const { return failures_; }  // in a row, without progress between

  // The request of the phase.
  Request next();

  // The body of a List answer with status 200.
  Result<void> page(std::string_view body);

  // One line of a stream. An error means that the stream is of no more use;
  // give it to ended(). Gone: start over.
  Result<void> line(std::string_view text);

  // The request is over, well (null) or not. How long to wait before next().
  Millis ended(const Error* error);

 private:
  void startOver();

  WatchSpec spec_;
  WatchSink& sink_;
  Random& random_;
  Phase phase_;
  std::string version_, continue_;
  unsigned failures_ = 0;
  bool answering_ = true;
  bool progress_ = false;  // something came since next()
};

// Splits a stream into lines without their ends. A line over `limit` is
// left out and counted.
class LineSplitter {
 public:
  explicit LineSplitter(size_t limit = size_t{32} << 20) : limit_(limit) {}

  // Calls f(line) for each line that is complete; false from f ends and returns false.
  bool feed(std::string_view bytes, const std::function<bool(std::string_view)>& f);
  size_t dropped() const { return dropped_; }

 private:
  std::string partial_;
  size_t limit_;
  size_t dropped_ = 0;
  bool skipping_ = false;
};

}  // namespace errand::kube
