// Keeps a Store equal to the API server's objects by list and watch.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

#include "core/api/codec.hpp"
#include "core/kube/watch/store.hpp"
#include "core/kube/watch/watchmachine.hpp"

namespace errand::kube {

// The external dependencies of a reflector; the defaults are those of the process.
struct ReflectorSeams {
  Pause pause = systemPause();
  Random* random = &systemRandom();
};

// Drives a WatchMachine until a stop is requested, in the calling thread. Retries every error with backoff.
// Logs an error only if its kind differs from the previous one, and never Gone.
void reflect(const WatchSpec& spec, Transport& transport, WatchSink& sink, const ReflectorSeams& seams,
             std::stop_token stop);

// Logs and counts an object that is left out because it does not decode.
void logSkipped(const WatchSpec& spec, const ObjectKey& key, const Error& why);

// Return the namespace and name of an object, and its resourceVersion; empty if missing.
ObjectKey keyOf(const JsonNode& object);
std::string versionOf(const JsonNode& object);

// A reflector of any kind. The destructor waits for its thread.
class RunningReflector {
 public:
  virtual ~RunningReflector() = default;
  // Requests that the thread ends, without waiting for it.
  virtual void requestStop() = 0;
};

// Watches one kind in one scope, on its own thread from construction to destruction. The store and the
// transport must outlive it. An object that does not decode is skipped, counted and logged. The store then
// keeps its last decodable version, or none (WatchSpec::undecodableIsAbsent).
template <class T>
class Reflector final : public RunningReflector, private WatchSink {
 public:
  Reflector(WatchSpec spec, Transport& transport, Store<T>& store, ReflectorSeams seams = {})
      : spec_(std::move(spec)), store_(store) {
    thread_ = std::jthread([this, &transport, seams = std::move(seams)](std::stop_token stop) {
      reflect(spec_, transport, *this, seams, stop);
    });
  }
  ~Reflector() override = default;
  Reflector(const Reflector&) = delete;
  Reflector& operator=(const Reflector&) = delete;

  // True if the store has a complete list of the scope.
  bool synced() const { return store_.synced(spec_.ns); }
  // The number of objects and events that were skipped.
  std::uint64_t skipped() const { return skipped_.load(std::memory_order_relaxed); }
  void requestStop() override { thread_.request_stop(); }

 private:
  using Ptr = std::shared_ptr<const T>;

  Ptr read(const JsonNode& object) {
    auto decoded = api::decodeNode<T>(object);
    if (decoded) return std::make_shared<const T>(std::move(*decoded));
    skipped_.fetch_add(1, std::memory_order_relaxed);
    logSkipped(spec_, keyOf(object), decoded.error());
    return nullptr;
  }

  void init() override { pending_ = {}; }
  void initApply(const JsonNode& object) override {
    Ptr next = read(object);
    if (!next && !spec_.undecodableIsAbsent) {
      const ObjectKey key = keyOf(object);
      next = store_.get(key.ns, key.name);
    }
    if (next) pending_.add(*next);
  }
  void initDelete(const JsonNode& object) override { pending_.erase(keyOf(object)); }
  void initDone(std::string_view version) override {
    store_.replace(spec_.ns, std::exchange(pending_, {}), version);
  }
  void applied(const JsonNode& object) override {
    if (Ptr next = read(object))
      store_.apply(spec_.ns, std::move(next));
    else if (spec_.undecodableIsAbsent)
      store_.erase(spec_.ns, keyOf(object), versionOf(object));
    else
      store_.observe(spec_.ns, versionOf(object));
  }
  void deleted(const JsonNode& object) override { store_.erase(spec_.ns, keyOf(object), versionOf(object)); }
  void observed(std::string_view version) override { store_.observe(spec_.ns, version); }
  void unreadable(const Error& why) override {
    skipped_.fetch_add(1, std::memory_order_relaxed);
    logSkipped(spec_, {}, why);
  }

  WatchSpec spec_;
  Store<T>& store_;
  typename Store<T>::Snapshot pending_;
  std::atomic<std::uint64_t> skipped_{0};
  std::jthread thread_;  // last: it ends before the other members are destroyed
};

}  // namespace errand::kube
