#!/bin/sh
# The whole round with curl alone, each step checked: create, stub, fault, journal, clock, reset.
# usage: MOCKSERVER_URL=http://127.0.0.1:4010 sh round.sh
set -eu
url=${MOCKSERVER_URL:-http://127.0.0.1:4010}
key="sk-round-$$"

call() { # call METHOD PATH [BODY [HEADER]]
  curl -sS -X "$1" "$url$2" -H "Authorization: Bearer $key" -H 'OpenAI-Beta: assistants=v2' \
    -H 'Content-Type: application/json' -H "${4:-X-Step: round}" ${3:+-d "$3"}
}
expect() { # expect WHAT TEXT ANSWER
  case $3 in
    *"$2"*) echo "ok    $1" ;;
    *) printf 'FAIL  %s: no %s in:\n%s\n' "$1" "$2" "$3"; exit 1 ;;
  esac
}

expect 'the page for people' 'mockserver stands in' "$(curl -sS "$url/")"
expect 'create' '"name": "Math Tutor"' \
  "$(call POST /v1/assistants '{"model": "gpt-4o", "name": "Math Tutor"}')"
expect 'a stub is added' '"source": "the body:1"' \
  "$(call POST /_mock/stubs '{"when": {"operation": "createAssistant"}, "then": {"body": {"description": "stubbed"}}}')"
expect 'and shapes the answer' '"description": "stubbed"' \
  "$(call POST /v1/assistants '{"model": "gpt-4o"}')"
expect 'a fault by header' '"code": "rate_limit_exceeded"' \
  "$(call POST /v1/assistants '{"model": "gpt-4o"}' 'X-Mock-Fault: rate_limit_exceeded')"
expect 'a fault by model' 'currently overloaded' \
  "$(call POST /v1/assistants '{"model": "fault:overloaded"}')"
expect 'a fault by rule' '"fault": "conflict"' \
  "$(call POST /_mock/faults '{"fault": "conflict", "on": "listAssistants", "times": 1}')"
expect 'is injected once' '"code": "conflict"' "$(call GET /v1/assistants)"
expect 'and no more' '"object": "list"' "$(call GET /v1/assistants)"
expect 'the journal has the fault' '"fault": "conflict"' "$(call GET '/_mock/requests?status=409')"
expect 'the report has it too' '"conflict"' "$(call GET /_mock/report)"
expect 'the clock moves' '"now":' "$(call POST /_mock/clock '{"advance": "10m"}')"
expect 'and objects take its time' '"created_at": 17356902' \
  "$(call POST /v1/assistants '{"model": "gpt-4o", "name": "Later"}')"
expect 'reset' '"unused_stubs"' "$(call DELETE /_mock/namespace)"
expect 'leaves nothing' '"data": []' "$(call GET /v1/assistants)"
echo 'the round is done'
