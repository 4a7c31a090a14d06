#include "projections/transport/remote_desk.hpp"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "projections/transport/link.hpp"

namespace boxoffice::projections::transport {
namespace {

using boost::asio::ip::tcp;
using Clock = std::chrono::steady_clock;
using ErrorCode = boost::system::error_code;

constexpr std::chrono::milliseconds kSweepEvery{20};
/// While one of its projectors is missing, a name is looked up more often.
constexpr std::chrono::milliseconds kResolveSoon{500};

struct Waiting {
  Inquiry inquiry;
  Desk::Then then;
};

/// A question on its way from one projector to the next.
struct Pursuit {
  Inquiry inquiry;
  Desk::Then then;
  std::vector<const Link*> tried;
  std::shared_ptr<Link> at;
  Clock::time_point answer_by;  ///< from that one
  Clock::time_point give_up_at;
};

struct Name {
  ProjectorName name;
  std::map<tcp::endpoint, std::shared_ptr<Link>> links;
  bool is_resolving = false;
  Clock::time_point resolve_at;
  std::string trouble;
};

}  // namespace

struct RemoteDesk::Parts final : Link::Owner {
  explicit Parts(RemoteDeskSettings given) : settings(std::move(given)) {
    for (const ProjectorName& name : settings.projectors) names.push_back({.name = name});
  }

  void run_mailbox();
  void begin(Waiting waiting);
  /// Asks the best projector that has not been asked yet, or gives up, because of `why`.
  void pursue(Pursuit pursuit, NoAnswer why);
  std::shared_ptr<Link> choose(const Pursuit& pursuit, NoAnswer why);
  void send(Pursuit pursuit, std::shared_ptr<Link> to);
  void finish(Pursuit& pursuit, std::expected<Answer, NoAnswer> answer);
  std::optional<Pursuit> take(std::uint64_t number);

  void answered(std::uint64_t number, std::expected<Answer, NoAnswer> answer) override;
  void lost(const Link::Numbers& asked) override;
  void changed() override { tell_status(); }

  void sweep();
  void resolve(Name& name);
  void resolved(Name& name, const ErrorCode& error, const tcp::resolver::results_type& found);
  std::vector<std::shared_ptr<Link>> ready_links() const;
  void tell_status();
  void end();

  const RemoteDeskSettings settings;
  boost::asio::io_context context{1};
  boost::asio::steady_timer timer{context};
  tcp::resolver resolver{context};
  std::thread thread;
  std::atomic<std::size_t> under_way_count = 0;

  // the thread's own:
  std::vector<Name> names;
  std::unordered_map<std::uint64_t, Pursuit> under_way;
  std::uint64_t last_number = 0;
  std::size_t turn = 0;

  mutable std::mutex mutex;
  // guarded by mutex:
  std::vector<Waiting> mailbox;
  std::optional<std::string> trouble = "no projector was reached yet";
  std::size_t ready_count = 0;
  std::chrono::milliseconds lag{0};        // of the freshest projector
  Clock::time_point as_of = Clock::now();  // when somebody was last there
};

RemoteDesk::RemoteDesk(RemoteDeskSettings settings)
    : parts_(std::make_unique<Parts>(std::move(settings))) {
  parts_->sweep();
  parts_->thread = std::thread([parts = parts_.get()] {
    pthread_setname_np(pthread_self(), "asking");
    parts->context.run();
  });
}

RemoteDesk::~RemoteDesk() {
  boost::asio::post(parts_->context, [parts = parts_.get()] { parts->end(); });
  parts_->thread.join();
}

void RemoteDesk::ask(Inquiry inquiry, Then then) {
  if (parts_->under_way_count.fetch_add(1) >= parts_->settings.under_way_max) {
    --parts_->under_way_count;
    return then(std::unexpected(NoAnswer::unavailable));
  }
  bool is_first = false;
  {
    const std::lock_guard lock(parts_->mutex);
    is_first = parts_->mailbox.empty();
    parts_->mailbox.push_back({std::move(inquiry), std::move(then)});
  }
  if (is_first)
    boost::asio::post(parts_->context, [parts = parts_.get()] { parts->run_mailbox(); });
}

std::chrono::milliseconds RemoteDesk::lag() const {
  const std::lock_guard lock(parts_->mutex);
  const auto silent_for =
      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - parts_->as_of);
  return parts_->trouble ? parts_->lag + silent_for : parts_->lag;
}

std::optional<std::string> RemoteDesk::trouble() const {
  const std::lock_guard lock(parts_->mutex);
  return parts_->trouble;
}

std::size_t RemoteDesk::ready_projectors() const {
  const std::lock_guard lock(parts_->mutex);
  return parts_->ready_count;
}

void RemoteDesk::Parts::run_mailbox() {
  std::vector<Waiting> taken;
  {
    const std::lock_guard lock(mutex);
    taken.swap(mailbox);
  }
  for (Waiting& waiting : taken) begin(std::move(waiting));
}

void RemoteDesk::Parts::begin(Waiting waiting) {
  const auto from = std::max(Clock::now(), waiting.inquiry.wait_until);
  const bool is_long = takes_long(waiting.inquiry.question);
  Pursuit pursuit{.inquiry = std::move(waiting.inquiry), .then = std::move(waiting.then)};
  pursuit.give_up_at = from + (is_long ? settings.long_give_up_after : settings.give_up_after);
  pursue(std::move(pursuit), NoAnswer::unavailable);
}

void RemoteDesk::Parts::pursue(Pursuit pursuit, NoAnswer why) {
  auto next = choose(pursuit, why);
  if (!next || Clock::now() >= pursuit.give_up_at) return finish(pursuit, std::unexpected(why));
  send(std::move(pursuit), std::move(next));
}

std::vector<std::shared_ptr<Link>> RemoteDesk::Parts::ready_links() const {
  std::vector<std::shared_ptr<Link>> ready;
  for (const Name& name : names)
    for (const auto& [endpoint, link] : name.links)
      if (link->is_ready()) ready.push_back(link);
  return ready;
}

std::shared_ptr<Link> RemoteDesk::Parts::choose(const Pursuit& pursuit, NoAnswer why) {
  auto candidates = ready_links();
  std::erase_if(candidates, [&](const std::shared_ptr<Link>& link) {
    const bool was_tried = std::ranges::find(pursuit.tried, link.get()) != pursuit.tried.end();
    // Who waited in vain has waited long enough for all.
    const bool waits_again =
        why == NoAnswer::not_reached && !link->reached(pursuit.inquiry.at_least);
    return was_tried || waits_again;
  });
  if (candidates.empty()) return nullptr;
  // Of equal ones each in its turn.
  std::ranges::rotate(candidates,
                      candidates.begin() + static_cast<std::ptrdiff_t>(turn++ % candidates.size()));
  const auto rank = [&](const std::shared_ptr<Link>& link) {
    const auto lag = link->lag();
    const bool is_fresh = lag <= settings.lag_max;
    const bool has_it = link->reached(pursuit.inquiry.at_least);
    return std::tuple(!is_fresh, !has_it, is_fresh && has_it ? std::chrono::milliseconds() : lag,
                      link->under_way());
  };
  return *std::ranges::min_element(candidates, {}, rank);
}

void RemoteDesk::Parts::send(Pursuit pursuit, std::shared_ptr<Link> to) {
  const auto now = Clock::now();
  const bool is_long = takes_long(pursuit.inquiry.question);
  const auto wait = std::max(pursuit.inquiry.wait_until - now, Clock::duration::zero());
  pursuit.answer_by =
      std::min(pursuit.give_up_at,
               now + wait + (is_long ? settings.long_answer_timeout : settings.answer_timeout));
  pursuit.tried.push_back(to.get());
  pursuit.at = to;
  const std::uint64_t number = ++last_number;
  // A copy of the question stays here, in case that it is asked again.
  std::string frame =
      frame_of(Request(Ask{.number = number,
                           .wait_ms = static_cast<std::uint32_t>(
                               std::chrono::duration_cast<std::chrono::milliseconds>(wait).count()),
                           .strict = pursuit.inquiry.strict,
                           .at_least = pursuit.inquiry.at_least,
                           .question = pursuit.inquiry.question}));
  under_way.emplace(number, std::move(pursuit));
  to->ask(number, std::move(frame));
}

void RemoteDesk::Parts::finish(Pursuit& pursuit, std::expected<Answer, NoAnswer> answer) {
  --under_way_count;
  pursuit.then(std::move(answer));
}

std::optional<Pursuit> RemoteDesk::Parts::take(std::uint64_t number) {
  auto found = under_way.extract(number);
  if (found.empty()) return std::nullopt;
  return std::move(found.mapped());
}

void RemoteDesk::Parts::answered(std::uint64_t number, std::expected<Answer, NoAnswer> answer) {
  auto pursuit = take(number);
  if (!pursuit) return;
  // An answer to another question is none.
  if (answer && answer->index() != pursuit->inquiry.question.index())
    answer = std::unexpected(NoAnswer::unavailable);
  if (answer) return finish(*pursuit, std::move(answer));
  pursue(std::move(*pursuit), answer.error());
}

void RemoteDesk::Parts::lost(const Link::Numbers& asked) {
  for (const std::uint64_t number : asked)
    if (auto pursuit = take(number)) pursue(std::move(*pursuit), NoAnswer::unavailable);
  for (Name& name : names) name.resolve_at = std::min(name.resolve_at, Clock::now() + kResolveSoon);
  tell_status();
}

void RemoteDesk::Parts::sweep() {
  const auto now = Clock::now();
  std::vector<std::uint64_t> overdue;
  for (const auto& [number, pursuit] : under_way)
    if (pursuit.answer_by <= now) overdue.push_back(number);
  for (const std::uint64_t number : overdue) {
    auto pursuit = take(number);
    pursuit->at->forget(number);
    pursue(std::move(*pursuit), NoAnswer::unavailable);
  }
  for (Name& name : names)
    if (!name.is_resolving && name.resolve_at <= now) resolve(name);
  timer.expires_after(kSweepEvery);
  timer.async_wait([this](const ErrorCode& error) {
    if (!error) sweep();
  });
}

void RemoteDesk::Parts::resolve(Name& name) {
  name.is_resolving = true;
  resolver.async_resolve(
      name.name.host, std::to_string(name.name.port),
      [this, &name](const ErrorCode& error, const tcp::resolver::results_type& found) {
        resolved(name, error, found);
      });
}

void RemoteDesk::Parts::resolved(Name& name, const ErrorCode& error,
                                 const tcp::resolver::results_type& found) {
  name.is_resolving = false;
  name.trouble = error ? error.message() : "";
  // Where nobody knows the name just now, the addresses that it had are as good as any.
  if (!error) {
    std::map<tcp::endpoint, std::shared_ptr<Link>> links;
    for (const auto& entry : found) {
      auto [link, is_new] = links.try_emplace(entry.endpoint());
      if (!is_new) continue;
      if (auto known = name.links.extract(entry.endpoint())) {
        link->second = std::move(known.mapped());
      } else {
        link->second = std::make_shared<Link>(context, entry.endpoint(), settings, *this);
        link->second->open();
      }
    }
    // One that has the name no longer goes once it breaks.
    for (auto& [endpoint, link] : name.links) {
      if (link->is_open())
        links.emplace(endpoint, std::move(link));
      else
        link->close();
    }
    name.links = std::move(links);
  }
  const bool is_whole =
      !name.links.empty() &&
      std::ranges::all_of(name.links, [](const auto& each) { return each.second->is_open(); });
  name.resolve_at = Clock::now() + (is_whole ? settings.resolve_every : kResolveSoon);
  tell_status();
}

void RemoteDesk::Parts::tell_status() {
  const auto ready = ready_links();
  std::optional<std::chrono::milliseconds> freshest;
  for (const auto& link : ready) freshest = std::min(freshest.value_or(link->lag()), link->lag());
  std::string why;
  for (const Name& name : names) {
    if (!name.trouble.empty())
      why += fmt::format("{}{}: {}", why.empty() ? "" : "; ", name.name.host, name.trouble);
    for (const auto& [endpoint, link] : name.links)
      why += fmt::format("{}{}", why.empty() ? "" : "; ", link->trouble());
  }
  const std::lock_guard lock(mutex);
  ready_count = ready.size();
  if (freshest) {
    lag = *freshest;
    as_of = Clock::now();
    trouble.reset();
  } else {
    trouble = "no projector can be asked" + (why.empty() ? why : ": " + why);
  }
}

void RemoteDesk::Parts::end() {
  std::vector<Waiting> unread;
  {
    const std::lock_guard lock(mutex);
    unread.swap(mailbox);
  }
  for (Name& name : names)
    for (auto& [endpoint, link] : name.links) link->close();
  for (Waiting& waiting : unread) waiting.then(std::unexpected(NoAnswer::unavailable));
  for (auto& [number, pursuit] : under_way) pursuit.then(std::unexpected(NoAnswer::unavailable));
  under_way.clear();
  timer.cancel();
  resolver.cancel();
  context.stop();
}

}  // namespace boxoffice::projections::transport
