// An object in few bytes: what a cache keeps of each of many thousands.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "core/api/meta.hpp"

namespace errand::api {

// Immutable bytes, shared by its copies; safe to copy and read from several
// threads. Only pack() makes some, so they are trusted when they are read.
class Packed {
 public:
  Packed() = default;
  explicit Packed(std::string_view bytes);
  Packed(const Packed& other) noexcept;
  Packed(Packed&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  Packed& operator=(Packed other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~Packed();

  explicit operator bool() const { return block_ != nullptr; }
  std::string_view bytes() const;

  // Of the object's metadata, without unpacking it; views of these bytes.
  std::string_view ns() const;
  std::string_view name() const;

  // The same bytes, not equal ones.
  friend bool operator==(const Packed& a, const Packed& b) { return a.block_ == b.block_; }

 private:
  struct Block;
  Block* block_ = nullptr;
};

// Every field of every kind goes through: unpack(pack(x)) == x, for the kinds
// that packed.cpp names. Texts that come twice in an object, texts that all
// objects share, uids, digests and times take the fewest bytes.
template <class T>
Packed pack(const T& object);
template <class T>
T unpack(const Packed& packed);

}  // namespace errand::api
