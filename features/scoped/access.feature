@scoped
Feature: What a token grants access to
  {list}, {list}/{id}, {list}/{id}/{below} and {other} are the resources that
  the manifest names: as the document has them /objects, /objects/42,
  /objects/42/packets and /geofences. {write} is a method other than GET that
  {list} offers.

  @SCP-05
  Scenario: The token as a Bearer grants access to what the user may read
    Given a token
    Then the token grants access to "GET {list}"

  @SCP-06
  Scenario: Without a token the answer is 401
    When "GET {list}" is sent without a token
    Then it is refused with 401
    But a token
    And the token grants access to "GET {list}"

  @SCP-06
  Scenario Outline: Without a token the answer to <request> is 401
    When "<request>" is sent without a token
    Then it is refused with 401
    But a token
    And the token grants access to "<request>"

    Examples:
      | request       |
      | GET {tokens}  |
      | POST {tokens} |

  @SCP-06
  Scenario: Without a token none is revoked, and the answer is 401
    Given a token
    And a managing token
    When DELETE of the token's id is sent without a token
    Then it is refused with 401
    But the token is revoked
    And it is accepted

  @SCP-06
  Scenario Outline: To a garbled token the answer to <request> is 401
    Given a token
    When "<request>" is sent with the token garbled
    Then it is refused with 401
    But the token grants access to "<request>"

    Examples:
      | request       |
      | GET {list}    |
      | GET {tokens}  |
      | POST {tokens} |

  @SCP-07 @clock
  Scenario: A token works until just before its end and is answered 401 after it
    Given a token for "30 minutes"
    And the token grants access to "GET {list}"
    When it is just before the token's end
    Then the token grants access to "GET {list}"
    When it is just after the token's end
    And "GET {list}" is sent with the token
    Then it is refused with 401

  @SCP-07 @clock
  Scenario: A token without expiresIn ends when its answer says
    Given a token
    And the token grants access to "GET {list}"
    When it is just before the token's end
    Then the token grants access to "GET {list}"
    When it is just after the token's end
    And "GET {list}" is sent with the token
    Then it is refused with 401

  @SCP-07 @clock
  Scenario Outline: A token for "<life>" works for longer than others do
    Given a token for "<life>"
    And the token grants access to "GET {list}"
    When it is just before the token's end
    Then the token grants access to "GET {list}"
    When it is just after the token's end
    And "GET {list}" is sent with the token
    Then it is refused with 401

    Examples:
      | life    |
      | 8 days  |
      | 90 days |

  @SCP-07 @clock
  Scenario: A token ends when its answer says, to 0.2 seconds
    Given a token for "30 minutes"
    And the token grants access to "GET {list}"
    When it is 0.2 seconds before the token's end by the subject's own time
    Then the token grants access to "GET {list}"
    When it is 0.2 seconds after the token's end by the subject's own time
    And "GET {list}" is sent with the token
    Then it is refused with 401

  @SCP-07 @clock
  Scenario: An expired token issues none
    Given a token for "30 minutes"
    And it is just before the token's end
    And the token grants access to "POST {tokens}"
    When it is just after the token's end
    And "POST {tokens}" is sent with the token
    Then it is refused with 401

  @SCP-08
  Scenario Outline: The scope <scope> grants access to <listed> and not to <unlisted>
    Given a token
    And the token grants access to "GET {list}"
    When the full account asks for a token for the scopes "<scope>"
    Then it is accepted
    And the token grants access to "<listed>"
    When "<unlisted>" is sent with the token
    Then it is refused with 403
    But a token for the scopes "<scope>, <right>"
    And the token grants access to "<unlisted>"

    Examples:
      | scope       | listed      | unlisted                | right                    |
      | GET {list}  | GET {list}  | GET {other}             | GET {other}              |
      | GET {other} | GET {other} | GET {list}              | GET {list}               |
      | GET {list}  | GET {list}  | GET {list}/{id}         | GET {list}/:id           |
      | GET {list}  | GET {list}  | GET {tokens}            | GET {tokens}             |
      | GET {list}  | GET {list}  | GET {list}/{id}/{below} | GET {list}/:id/{below}   |

  @SCP-09
  Scenario: A scope for GET grants no access by the other method
    Given a token
    And the token grants access to "GET {list}"
    When the full account asks for a token for the scopes "GET {list}"
    Then it is accepted
    When "{write} {list}" is sent with the token
    Then it is refused with 403
    But a token for the scopes "{write} {list}"
    And the token grants access to "{write} {list}"

  @SCP-09
  Scenario: A scope for the other method grants no access by GET
    Given a token
    And the token grants access to "GET {list}"
    When the full account asks for a token for the scopes "{write} {list}"
    Then it is accepted
    When "GET {list}" is sent with the token
    Then it is refused with 403
    But a token for the scopes "GET {list}"
    And the token grants access to "GET {list}"

  @SCP-09
  Scenario: A scope for the GET of an item does not revoke it
    Given a token
    And the token grants access to "GET {tokens}"
    When the full account asks for a token for the scopes "GET {tokens}, GET {tokens}/:id"
    Then it is accepted
    When DELETE of its own id is sent with the token
    Then it is refused with 403

  @SCP-10
  Scenario Outline: <scope> grants access to one segment, not to <unlisted>
    Given a token
    And the token grants access to "GET {list}"
    When the full account asks for a token for the scopes "<scope>"
    Then it is accepted
    And the token grants access to "GET {list}/{id}"
    When "<unlisted>" is sent with the token
    Then it is refused with 403
    But a token for the scopes "<right>"
    And the token grants access to "<unlisted>"

    Examples:
      | scope                | unlisted                | right                  |
      | GET {list}/:id       | GET {list}              | GET {list}             |
      | GET {list}/:id       | GET {list}/{id}/{below} | GET {list}/:id/{below} |
      | GET {list}/:any_name | GET {list}              | GET {list}             |

  @SCP-10
  Scenario Outline: A parameter inside a path stands for one segment, not for <unlisted>
    Given a token
    And the token grants access to "GET {list}"
    When the full account asks for a token for the scopes "GET {list}/:id/{below}"
    Then it is accepted
    And the token grants access to "GET {list}/{id}/{below}"
    When "<unlisted>" is sent with the token
    Then it is refused with 403
    But a token for the scopes "<right>"
    And the token grants access to "<unlisted>"

    Examples:
      | unlisted        | right          |
      | GET {list}/{id} | GET {list}/:id |
      | GET {list}      | GET {list}     |

  @SCP-10
  Scenario: A parameter stands for a segment of letters, too
    Given a token
    And "GET {list}/front-Gate_b" is sent with the token
    And it is answered otherwise than with 403
    When the full account asks for a token for the scopes "GET {list}/:id"
    Then it is accepted
    When "GET {list}/front-Gate_b" is sent with the token
    Then it is answered with the same status

  @SCP-11
  Scenario Outline: The prefix in <scope> changes nothing
    Given a token
    And the token grants access to "GET {list}"
    When the full account asks for a token for the scopes "<scope>"
    Then it is accepted
    And the token grants access to "<listed>"
    When "<unlisted>" is sent with the token
    Then it is refused with 403

    Examples:
      | scope                  | listed          | unlisted        |
      | GET {prefix}{list}     | GET {list}      | GET {other}     |
      | GET {prefix}{list}/:id | GET {list}/{id} | GET {list}      |

  @SCP-12
  Scenario Outline: A token without scopes grants access to <request>
    Given a token
    And the token grants access to "GET {list}"
    Then the token grants access to "<request>"

    Examples:
      | request                 |
      | {write} {list}          |
      | GET {list}/{id}         |
      | GET {list}/{id}/{below} |
      | GET {other}             |
      | GET {tokens}            |

  @SCP-26
  Scenario Outline: The list of methods holds <method>
    Given a token
    When "GET {methods}" is sent with the token
    Then it is accepted
    And the answer is JSON
    And the answer names the method "<method>"
    And a token for the scopes "<method>"

    Examples:
      | method                 |
      | GET {list}             |
      | {write} {list}         |
      | GET {list}/:id         |
      | GET {list}/:id/{below} |
      | GET {tokens}           |
      | POST {tokens}          |
      | DELETE {tokens}/:id    |
      | GET {other}            |

  @SCP-27
  Scenario Outline: A trailing * grants access to <request>
    Given a token
    And the token grants access to "GET {list}"
    When the full account asks for a token for the scopes "GET {list}/*"
    Then it is accepted
    And the token grants access to "<request>"
    When "GET {other}" is sent with the token
    Then it is refused

    Examples:
      | request                 |
      | GET {list}              |
      | GET {list}/{id}         |
      | GET {list}/{id}/{below} |

  @SCP-33
  Scenario: A user without the right is answered 403
    Given a token
    And the token grants access to "GET {list}"
    And a token of the limited account
    When "GET {list}" is sent with the token
    Then it is refused with 403
    But a token
    And the token grants access to "GET {list}"

  @SCP-30
  Scenario Outline: A token with <forgery> grants no access
    Given a token
    When "GET {list}" is sent with <forgery>
    Then it is refused
    But the token grants access to "GET {list}"

    Examples:
      | forgery                                          |
      | "alg" none and no signature                      |
      | "alg" none and the old signature                 |
      | a later "exp" and the old signature              |
      | another "sub" and the old signature              |
      | other characters in its signature                |
      | an HS256 signature by a key that others can have |
      | an HS256 signature by its public key             |
