// Keeps a process that does not lead from writing.
#pragma once

#include <mutex>

#include "core/kube/http/transport.hpp"

namespace errand::kube {

class Leadership {
 public:
  virtual ~Leadership() = default;
  // How long this process may still act as leader; zero or less: not at all.
  virtual Millis left() const = 0;
};

// Between close() and open() every call is Cancelled, one under way as well: what
// was decided in one term is never carried out in the next. In a term reads pass;
// a write (every method but GET, reviews included) is Cancelled where the lease
// has run out, and must be answered before it does: nothing is sent after it,
// also where the process was stopped for a while between a decision and its
// call. What was sent before and is carried out later fails by its preconditions.
// Closed at first.
class Fence final : public Transport {
 public:
  Fence(Transport& inner, const Leadership& leadership) : inner_(inner), leadership_(leadership) { close(); }

  void open();
  void close();

  Result<Response> call(const Request& request, std::stop_token stop) override;
  Result<Response> stream(const Request& request, const Sink& sink, std::stop_token stop) override;

 private:
  std::stop_token term();

  Transport& inner_;
  const Leadership& leadership_;
  std::mutex mutex_;
  std::stop_source term_;
};

// Gives every call at most `limit`, whatever it asks for.
class DeadlineTransport final : public Transport {
 public:
  DeadlineTransport(Transport& inner, Millis limit) : inner_(inner), limit_(limit) {}

  Result<Response> call(const Request& request, std::stop_token stop) override;
  Result<Response> stream(const Request& request, const Sink& sink, std::stop_token stop) override;

 private:
  Transport& inner_;
  Millis limit_;
};

}  // namespace errand::kube
