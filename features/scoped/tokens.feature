@scoped
Feature: Manage tokens
  Tokens are listed, issued with another token and revoked. A token does not change
  after its issue, and its value is shown at its issue only.

  @SCP-13
  Scenario: The list shows a token that was issued by credentials
    Given a token for "8 days" and the scopes "GET {list}, GET {list}/:id"
    And a managing token
    When the list of tokens is asked for
    Then it is accepted
    And the list shows the token with its "_id", "expiresAt" and scopes

  @SCP-13
  Scenario: The list shows a token that was issued with another, by its name
    Given a managing token
    And a token issued with it, with a name of its own, for "8 days" and the scopes "GET {list}"
    When the list of tokens is asked for
    Then it is accepted
    And the list shows the token with its "_id", "expiresAt" and scopes
    And the list shows the token's name

  @SCP-13
  Scenario: The list shows a token without scopes
    Given a token
    And a managing token
    When the list of tokens is asked for
    Then it is accepted
    And the list shows the token with its "_id" and "expiresAt"

  @SCP-14
  Scenario: The list never shows a token's value
    Given a token for the scopes "GET {list}"
    And a managing token
    And the list of tokens is asked for
    And it is accepted
    Then the answer does not show the token's value

  @SCP-14
  Scenario Outline: The answer to <method> of a token does not show its value
    Given a token for the scopes "GET {list}"
    And a managing token
    When <method> of the token's id is sent
    Then the answer does not show the token's value

    Examples:
      | method |
      | GET    |
      | DELETE |

  @SCP-15
  Scenario: A token issues another with the asked life
    Given a managing token
    When it issues a token with a name of its own, for "7 days" and the scopes "GET {list}"
    Then it is accepted
    And "token" is a non-empty string
    And it lives for 604800 seconds

  @SCP-15
  Scenario: A token issues another with the asked scopes
    Given a token
    And the token grants access to "GET {list}"
    And a managing token
    When it issues a token with a name of its own, for "7 days" and the scopes "GET {list}"
    Then it is accepted
    And the token grants access to "GET {list}"
    When "GET {other}" is sent with the token
    Then it is refused

  @SCP-15
  Scenario: A token issues another with the asked name
    Given a managing token
    When it issues a token with a name of its own, for "7 days" and the scopes "GET {list}"
    Then it is accepted
    When the list of tokens is asked for
    Then the list shows the token's name

  @SCP-15 @clock @needs:clock
  Scenario: A token that another has issued outlives it
    Given a token for "7 days"
    And it is just before the token's end
    And the token grants access to "GET {list}"
    And a managing token
    And a token issued with it, with a name of its own, for "7 days" and the scopes "GET {list}"
    And the token grants access to "GET {list}"
    When it is just before the token's end
    Then the token grants access to "GET {list}"

  @SCP-16
  Scenario: The name is optional
    Given a token
    And the token grants access to "GET {list}"
    And a managing token
    When it issues a token without a name, for "7 days" and the scopes "GET {list}"
    Then it is accepted
    And the token grants access to "GET {list}"

  @SCP-17
  Scenario: A token whose scopes lack POST /tokens cannot issue
    Given a managing token for the scopes "GET {list}"
    When it issues a token with a name of its own, for "7 days" and the scopes "GET {list}"
    Then it is refused with 403
    But a managing token for the scopes "POST {tokens}, GET {list}"
    And it issues a token with a name of its own, for "7 days" and the scopes "GET {list}"
    And it is accepted

  @SCP-18
  Scenario Outline: A token issued for <asked> gets no more than its issuer
    Given a token
    And the token grants access to "GET {list}"
    And a managing token for the scopes "POST {tokens}, GET {list}"
    When it issues a token with a name of its own, for "7 days" and the scopes "<asked>"
    Then it is refused, or the token grants no access to "<request>"
    But a managing token
    And it issues a token with a name of its own, for "7 days" and the scopes "<asked>"
    And it is accepted
    And the token grants access to "<request>"

    Examples:
      | asked                                | request                 |
      | GET {other}                          | GET {other}             |
      | GET {list}, GET {other}              | GET {other}             |
      | {write} {list}                       | {write} {list}          |
      | GET {list}/:id                       | GET {list}/{id}         |
      | GET {list}/:id/{below}               | GET {list}/{id}/{below} |

  @SCP-18
  Scenario: A token issued without scopes gets no more than its issuer
    Given a token
    And the token grants access to "GET {list}"
    And a managing token for the scopes "POST {tokens}, GET {list}"
    When it issues a token with a name of its own, for "7 days" and without scopes
    Then it is refused, or the token grants no access to "GET {other}"
    But a managing token
    And it issues a token with a name of its own, for "7 days" and without scopes
    And it is accepted
    And the token grants access to "GET {other}"

  @SCP-18
  Scenario: A token issues another within its own scopes
    Given a token
    And the token grants access to "GET {list}"
    And a managing token for the scopes "POST {tokens}, GET {list}"
    When it issues a token with a name of its own, for "7 days" and the scopes "GET {list}"
    Then it is accepted
    And the token grants access to "GET {list}"

  @SCP-19
  Scenario Outline: <method> of a token changes nothing in the list
    Given a managing token
    And a token issued with it, with a name of its own, for "8 days" and the scopes "GET {list}"
    And the list of tokens is asked for
    And the list shows the token
    When <method> of the token's id is sent with another name, life and scopes
    Then it is refused
    When the list of tokens is asked for
    Then the list shows the token as before

    Examples:
      | method |
      | PUT    |
      | PATCH  |

  @SCP-19
  Scenario Outline: <method> of a token does not change what it grants access to
    Given a token for the scopes "GET {list}"
    And a managing token
    And the token grants access to "GET {list}"
    And "GET {other}" is sent with the token
    And it is refused
    When <method> of the token's id is sent with another name, life and scopes
    Then it is refused
    And the token grants access to "GET {list}"
    When "GET {other}" is sent with the token
    Then it is refused

    Examples:
      | method |
      | PUT    |
      | PATCH  |

  @SCP-20
  Scenario: A revoked token grants no more access
    Given a token
    And a managing token
    And the token grants access to "GET {list}"
    When the token is revoked
    Then it is accepted
    When "GET {list}" is sent with the token
    Then it is refused
    When "GET {tokens}" is sent with the token
    Then it is refused

  @SCP-20
  Scenario: A revoked token that was issued with another grants no more access
    Given a managing token
    And a token issued with it, with a name of its own, for "8 days" and the scopes "GET {list}"
    And the token grants access to "GET {list}"
    When the token is revoked
    Then it is accepted
    When "GET {list}" is sent with the token
    Then it is refused

  @SCP-20
  Scenario: A revoked token issues none
    Given a token
    And a managing token
    And the token grants access to "POST {tokens}"
    When the token is revoked
    Then it is accepted
    When "POST {tokens}" is sent with the token
    Then it is refused

  @SCP-21
  Scenario: A revoked token is gone from the list
    Given a token for the scopes "GET {list}"
    And a managing token
    And the list of tokens is asked for
    And the list shows the token
    And the list shows the managing token
    And the token is revoked
    And it is accepted
    When the list of tokens is asked for
    Then the list does not show the token
    And the list shows the managing token

  @SCP-21
  Scenario: Revoking one token leaves the others working
    Given a token
    And another token
    And a managing token
    And the other token grants access to "GET {list}"
    And the managing token grants access to "GET {list}"
    And the token is revoked
    And it is accepted
    Then the other token grants access to "GET {list}"
    And the managing token grants access to "GET {list}"

  @SCP-22
  Scenario: Revoking an unknown id is answered 404
    Given a managing token
    When an unknown token is revoked
    Then it is refused with 404
    But a token
    And the token is revoked
    And it is accepted

  @SCP-31
  Scenario: A revoked token is answered 401
    Given a token
    And a managing token
    And the token grants access to "GET {list}"
    And the token is revoked
    And it is accepted
    When "GET {list}" is sent with the token
    Then it is refused with 401

  @SCP-25
  Scenario Outline: A token issues none for "<life>"
    Given a managing token
    When it issues a token with a name of its own, for "<life>" and the scopes "GET {list}"
    Then it is refused with a 4xx
    And no token is in the answer
    But it issues a token with a name of its own, for "7 days" and the scopes "GET {list}"
    And it is accepted

    Examples:
      | life              |
      | soon              |
      | -1 days           |
      | 0 days            |
      | 99999999999 years |

  @SCP-25
  Scenario Outline: A token issues none for the scope "<scope>"
    Given a managing token
    When it issues a token with a name of its own, for "7 days" and the scopes "<scope>"
    Then it is refused with a 4xx
    And no token is in the answer
    But it issues a token with a name of its own, for "7 days" and the scopes "GET {list}"
    And it is accepted

    Examples:
      | scope   |
      | objects |
      | GET     |
      | {list}  |

  @SCP-29
  Scenario: The answer to an issue with a token says no-store
    Given a managing token
    And it issues a token with a name of its own, for "7 days" and the scopes "GET {list}"
    And "token" is a non-empty string
    Then the "Cache-Control" header says "no-store"

  @SCP-32
  Scenario Outline: An issue with <mistake> gets a 4xx and no token
    Given a managing token
    When it sends the body <body> to issue a token
    Then it is refused with a 4xx
    And no token is in the answer
    But it issues a token with a name of its own, for "7 days" and the scopes "GET {list}"
    And it is accepted

    Examples:
      | mistake                 | body                                                |
      | malformed JSON          | {"expiresIn":"7 days","scopes":["GET {list}"]       |
      | a list for an object    | ["7 days"]                                          |
      | a text for the scopes   | {"expiresIn":"7 days","scopes":"GET {list}"}        |
      | numbers for the scopes  | {"expiresIn":"7 days","scopes":[7]}                 |
      | an object for expiresIn | {"expiresIn":{"days":7},"scopes":["GET {list}"]}    |
      | an object for the name  | {"expiresIn":"7 days","scopes":["GET {list}"],"name":{"is":"it"}} |
