// Prevents writes by a process that is not the leader.
#pragma once

#include <mutex>

#include "core/kube/http/transport.hpp"

namespace errand::kube {

class Leadership {
 public:
  virtual ~Leadership() = default;
  // Returns how long this process may still act as leader; zero or less if it may not.
  virtual Millis left() const = 0;
};

// A term lasts from open() to close(). A Fence starts closed.
// - Outside of a term every call fails with Cancelled. close() also cancels the calls in progress, so a
//   decision of one term is never executed in the next.
// - During a term, reads (GET and streams) pass.
// - Any other method, reviews included, fails with Cancelled once Leadership::left() is zero. Its timeout is
//   at most left(). So nothing is sent after the lease, even if the process was suspended between a decision
//   and its call. A write that was sent in time and is executed later must be rejected by its preconditions.
//
// Safe to use from several threads.
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

// Limits the timeout of every call() to `limit`. It does not limit streams.
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
