#pragma once

#include <functional>

#include "event-log/log.hpp"
#include "gateway/routes/call.hpp"

/// The way of one command through the gateway: named, submitted, awaited, answered from its
/// deciding event alone.
namespace boxoffice::gateway {

/// Answers from an event that grants. Called on the request's io thread; the headers that all
/// answers to commands have are added. Whatever it renders comes from the event (and from what
/// derives from its ids), so that a repeat is the same to the byte.
using Render = std::function<void(const Environment& environment,
                                  const event_log::CommittedEvent& event, http::Reply reply)>;

/// Who asks, under which key, about what: the same command wherever and whenever it is repeated.
struct Named {
  schema::CommandIdentity identity;
  std::string idempotency_key;  ///< as sent, or made here
};

/// Names the call's command. `about` is the subject's text, or what stands for it where the
/// subject's id derives from the command's. nullopt: the idempotency key will not do, and the reply
/// is sent.
std::optional<Named> name_command(const Call& call, http::Reply& reply, std::string_view about);

struct Wanted {
  domain::SubjectId subject;
  schema::Command command;
  std::optional<processor::Submission::AttachedKey> key;
  Render render;
  bool until_read =
      false;  ///< answer only when the read models have it (or the bound for waiting is over)
};

/// Submits, and answers when it is decided: with `render`, or with the problem that the refusal is.
/// A full inbox, an overdue answer, or one that came too late is a `503` with the key to retry
/// under as `command`.
void submit(Call& call, http::Reply reply, Named named, Wanted wanted);

/// `503` to a call that was not submitted. A command's has the key to retry under as `command`: the
/// one that came, or a new one.
void refuse_for_now(const Call& call, http::Reply& reply, std::string_view name,
                    std::string detail);

/// The `actor` of what the call leads to.
std::string actor_of(const Call& call);

}  // namespace boxoffice::gateway
