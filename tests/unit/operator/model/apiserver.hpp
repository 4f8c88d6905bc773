// An in-process API server for one namespace. It follows the rules of Kubernetes'
// API machinery that decide whether an operator may lose a race, and no others.
// https://kubernetes.io/docs/reference/using-api/api-concepts/
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/base/time.hpp"
#include "core/kube/http/transport.hpp"

namespace errand::model {

using nlohmann::json;

struct FakeClock final : Clock {
  Time time{Seconds{1'790'000'000}};
  Time now() const override { return time; }
  std::chrono::steady_clock::time_point monotonic() const override {
    return std::chrono::steady_clock::time_point(time.time_since_epoch());
  }
};

struct Token {
  std::string text, account, accountUid, secret, secretUid;
  bool probe = false;
  Time issued, expires, cachedUntil;
};

// Guarantees: versions grow with every change and are common to all kinds; every
// change is an event of its kind; a precondition (uid, resourceVersion) that
// does not hold changes nothing and is 409; deletion waits for finalizers.
class ApiServer {
 public:
  struct Event {
    std::uint64_t version = 0;
    bool deleted = false;
    json object;
  };
  struct Write {
    const std::string& kind;  // plural
    const json* before;       // null if it is created
    const json* after;        // null if it is removed
    bool byOperator;
  };

  explicit ApiServer(const Clock& clock) : clock_(clock) {}

  // Serves a request that an operator sends.
  kube::Response serve(const kube::Request& request);

  // Changes by people and other controllers.
  void create(const std::string& kind, json object);
  void change(const std::string& kind, const std::string& name, const std::function<void(json&)>& edit);
  void erase(const std::string& kind, const std::string& name, bool orphan = false);
  void collectGarbage();

  const json* find(const std::string& kind, const std::string& name) const;
  const std::map<std::string, json>& all(const std::string& kind) const { return objects_[kind]; }
  const std::vector<Event>& events(const std::string& kind) const { return events_[kind]; }
  std::uint64_t version() const { return version_; }

  // True if the API server would accept the token without its cache. For the oracle.
  bool alive(const Token& token) const;
  const std::vector<Token>& tokens() const { return tokens_; }

  std::function<void(const Write&)> onWrite = [](const Write&) {};
  std::function<void(const Token&)> onMint = [](const Token&) {};

 private:
  kube::Response post(const std::string& kind, json object);
  kube::Response patch(const std::string& kind, const std::string& name, bool status, const std::string& type,
                       const json& body);
  kube::Response remove(const std::string& kind, const std::string& name, const json& options);
  kube::Response requestToken(const std::string& account, const json& body);
  kube::Response reviewToken(const json& body);
  kube::Response store(const std::string& kind, const std::string& name, json next);
  void put(const std::string& kind, const std::string& name, json next);
  void drop(const std::string& kind, const std::string& name);
  std::string newUid();

  const Clock& clock_;
  bool byOperator_ = false;
  std::uint64_t version_ = 100;
  unsigned uids_ = 0;
  mutable std::map<std::string, std::map<std::string, json>> objects_;
  mutable std::map<std::string, std::vector<Event>> events_;
  std::vector<Token> tokens_;
};

}  // namespace errand::model
