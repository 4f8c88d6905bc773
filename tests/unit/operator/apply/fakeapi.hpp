// A scripted API server for tests of effects: answers by method and path, and
// remembers what it was asked. For faults that a real one shows seldom.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/base/crypto.hpp"
#include "core/kube/client/client.hpp"

namespace errand::apply {

class FakeApi final : public kube::Transport {
 public:
  struct Call {
    std::string what;  // "POST secrets", "PATCH secrets/x"
    nlohmann::json body;
  };

  // Answers in the order of registration, the last one for ever.
  void on(const std::string& what, int status, nlohmann::json body) {
    answers_[what].push_back({status, std::move(body)});
  }

  // In place of what was registered.
  void instead(const std::string& what, int status, nlohmann::json body) {
    answers_[what].clear();
    on(what, status, std::move(body));
  }

  Result<kube::Response> call(const kube::Request& request, std::stop_token) override {
    std::string what(kube::toString(request.method));
    size_t from = 0;
    for (size_t i = 0; i < request.path.size(); ++i)
      if (request.path[i] == "namespaces") from = i + 2;
    if (from == 0) from = request.path.size() - 1;
    for (size_t i = from; i < request.path.size(); ++i) what += (i == from ? " " : "/") + request.path[i];
    calls.push_back(
        {what, request.body.empty() ? nlohmann::json() : nlohmann::json::parse(request.body.reveal())});
    if (heard) heard(what);
    auto& queue = answers_[what];
    if (queue.empty()) return fail(ErrorKind::Unavailable, "no answer was scripted for " + what);
    const auto [status, body] = queue.front();
    if (queue.size() > 1) queue.pop_front();
    kube::Response out;
    out.status = status;
    out.body = Sensitive(body.dump());
    return out;
  }

  Result<kube::Response> stream(const kube::Request&, const Sink&, std::stop_token) override {
    return fail(ErrorKind::Unavailable, "no streams here");
  }

  size_t count(const std::string& what) const {
    return static_cast<size_t>(std::ranges::count_if(calls, [&](const Call& c) { return c.what == what; }));
  }
  const Call* last(const std::string& what) const {
    const Call* out = nullptr;
    for (const Call& c : calls)
      if (c.what == what) out = &c;
    return out;
  }

  std::vector<Call> calls;
  std::function<void(const std::string& what)> heard;  // before it is answered: what happens meanwhile

 private:
  struct Scripted {
    int status;
    nlohmann::json body;
  };
  std::map<std::string, std::deque<Scripted>> answers_;
};

inline nlohmann::json status(int code, const char* reason) {
  return {{"kind", "Status"}, {"status", "Failure"}, {"reason", reason}, {"message", reason}, {"code", code}};
}

// base64url without padding.
inline std::string jwtPart(const nlohmann::json& part) {
  std::string out = base64Encode(part.dump());
  for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
  out.erase(out.find_last_not_of('=') + 1);
  return out;
}

inline std::string jwt(const std::string& id, int issued, int expires) {
  return jwtPart({{"alg", "RS256"}}) + "." + jwtPart({{"jti", id}, {"iat", issued}, {"exp", expires}}) +
         ".c2lnbmF0dXJl";
}

inline nlohmann::json tokenAnswer(const std::string& token) {
  return {{"kind", "TokenRequest"},
          {"status", {{"token", token}, {"expirationTimestamp", "2026-11-24T12:10:00Z"}}}};
}

}  // namespace errand::apply
