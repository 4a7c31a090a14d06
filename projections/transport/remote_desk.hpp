#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "projections/desk/desk.hpp"

namespace boxoffice::projections::transport {

struct ProjectorName {
  std::string host;  ///< may have several addresses: each is a projector
  std::uint16_t port = 0;
};

struct RemoteDeskSettings {
  std::vector<ProjectorName> projectors;
  std::string deployment;  ///< whose read models are wanted; empty: whosever

  std::chrono::milliseconds ping_every{200};
  std::chrono::milliseconds silence_max{1'000};  ///< then a projector counts as gone
  std::chrono::milliseconds connect_timeout{1'000};
  std::chrono::milliseconds reconnect_first{50};  ///< doubled each time …
  std::chrono::milliseconds reconnect_max{1'000};
  std::chrono::milliseconds resolve_every{5'000};

  /// Beyond what a question may wait for positions: how long one projector has for its answer, and
  /// how long all of them together.
  std::chrono::milliseconds answer_timeout{1'000};
  std::chrono::milliseconds long_answer_timeout{6'000};
  std::chrono::milliseconds give_up_after{3'000};
  std::chrono::milliseconds long_give_up_after{10'000};

  std::chrono::milliseconds lag_max{2'000};  ///< beyond, a projector is asked where no other can be
  std::size_t under_way_max = 10'000;
};

/// Asks projectors over sockets. A question goes to one of those that have what it must see (else
/// to the freshest, which waits for it), of these to the one with the least to do; where that one
/// fails, breaks off or takes too long, to another, within bounds.
///
/// Projectors are looked for all the time, by name; they tell several times a second how far they
/// are. What waits is bounded; beyond, and where nobody can be asked, it is `unavailable` at once.
class RemoteDesk final : public Desk {
 public:
  explicit RemoteDesk(RemoteDeskSettings settings);
  /// What is under way is `unavailable`. REQUIRES: nobody asks any longer.
  ~RemoteDesk() override;

  std::optional<Answer> at_once(const Question&, std::span<const Position>) const override {
    return std::nullopt;
  }
  void ask(Inquiry inquiry, Then then) override;
  /// Of the freshest projector. Where there is none: for how long.
  std::chrono::milliseconds lag() const override;

  /// Why nobody can be asked; nullopt: somebody can.
  std::optional<std::string> trouble() const;
  /// How many can be.
  std::size_t ready_projectors() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace boxoffice::projections::transport
