#pragma once

#include <memory>

#include "projections/desk/desk.hpp"

namespace boxoffice::projections {

struct LocalDeskSettings {
  std::size_t short_threads = 1;
  std::size_t long_threads = 2;
  std::size_t waiting_max = 1'000;  ///< questions of each kind to which no thread has come yet
};

/// Asks the read models of this process. Short answers that nothing has to be waited for are a
/// function call. Others come from a few threads of its own, so that those that wait for nobody (of
/// HTTP, of the models) never wait for a disk or a broker, and short answers not for long ones.
class LocalDesk final : public Desk {
 public:
  /// `queries` must outlive it, and stop calling back before.
  explicit LocalDesk(const Queries& queries, const LocalDeskSettings& settings = {});

  std::optional<Answer> at_once(const Question& question,
                                std::span<const Position> at_least) const override;
  void ask(Inquiry inquiry, Then then) override;
  std::chrono::milliseconds lag() const override { return queries_.lag(); }

 private:
  const Queries& queries_;
  struct Threads;
  std::shared_ptr<Threads> threads_;
};

}  // namespace boxoffice::projections
