#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "tests/simulation/ledger.hpp"
#include "tests/simulation/plan.hpp"
#include "tests/simulation/random.hpp"
#include "tests/simulation/readers.hpp"
#include "tests/simulation/repertoire.hpp"

namespace boxoffice::simulation {

/// Where commands go; false: not taken in.
using Deliver = std::function<bool(processor::Submission&&)>;

/// People at their browsers, and the network between. They ask, wait, ask again under the same key,
/// click twice, read back what they were answered; some reuse a key for something else. Commands
/// and answers are delayed, doubled, lost.
class Clients {
 public:
  Clients(const Plan& plan, Random& random, Ledger& ledger, Readers& readers);

  /// Makes the occasions: asked for like everything else.
  void set_up();
  /// One tick: something new, what has to be sent again, what has been under way and arrives now.
  void tick(schema::Instant now, const Deliver& deliver);

  /// From now on nothing new is asked and the network is good.
  void calm() { calm_ = true; }
  bool all_answered() const;
  std::size_t requests() const { return requests_.size(); }

 private:
  struct Request {
    schema::CommandIdentity identity;
    Wish wish;
    std::size_t after = kNone;  ///< another request that has to be answered first
    Ledger::Moment asked = 0;   ///< 0: not yet
    std::uint64_t send_at = 0;
    bool settled = false;
  };
  struct Letter {
    std::uint64_t arrives = 0;
    std::size_t request = 0;
  };
  struct Reply {
    std::uint64_t arrives = 0;
    std::size_t request = 0;
    processor::Answer answer;
  };
  /// Where answers arrive; outlives the machines that send them.
  struct Mailbox {
    std::vector<std::pair<std::size_t, processor::Answer>> answers;
  };
  static constexpr std::size_t kNone = ~std::size_t{0};

  schema::CommandIdentity next_identity() const;
  std::size_t add(Wish wish, std::size_t after = kNone);
  void ask_something();
  void send_what_is_due();
  void carry_letters(schema::Instant now, const Deliver& deliver);
  void carry_answers();
  Ledger::Moment first_asked(const schema::CommandIdentity& identity) const;
  void settle(std::size_t request, const processor::Answer& answer);
  void send(std::size_t request);
  std::uint64_t delay();
  bool happens(unsigned permille) { return !calm_ && random_.chance(permille); }

  const Plan& plan_;
  Random& random_;
  Ledger& ledger_;
  Readers& readers_;
  Repertoire repertoire_;
  bool calm_ = false;
  std::uint64_t tick_ = 0;
  std::vector<Request> requests_;
  std::vector<Letter> letters_;
  std::vector<Reply> replies_;
  std::shared_ptr<Mailbox> mailbox_ = std::make_shared<Mailbox>();
};

}  // namespace boxoffice::simulation
