@scoped
Feature: What a token opens
  {list}, {list}/{id}, {list}/{id}/{below} and {other} are the resources that
  the manifest names: as the document has them /objects, /objects/42,
  /objects/42/packets and /geofences. {write} is a method other than GET that
  {list} offers.

  @SCP-05
  Scenario: The token as a Bearer opens what the user may
    Given a token
    Then "GET {list}" is open to the token

  @SCP-06
  Scenario: Without a token the answer is 401
    When "GET {list}" is sent without a token
    Then it is refused with 401
    Given a token
    Then "GET {list}" is open to the token

  @SCP-06
  Scenario: To a garbled token the answer is 401
    Given a token
    When "GET {list}" is sent with the token garbled
    Then it is refused with 401
    And "GET {list}" is open to the token

  @SCP-07 @clock
  Scenario: A token works until just before its end and is answered 401 after it
    Given a token for "30 minutes"
    When the clock stands just before the token's end
    Then "GET {list}" is open to the token
    When the clock stands just after the token's end
    And "GET {list}" is sent with the token
    Then it is refused with 401

  @SCP-07 @clock
  Scenario: A token without expiresIn ends when its answer says
    Given a token
    When the clock stands just before the token's end
    Then "GET {list}" is open to the token
    When the clock stands just after the token's end
    And "GET {list}" is sent with the token
    Then it is refused with 401

  @SCP-08
  Scenario Outline: The scope <scope> opens <listed> and not <unlisted>
    Given a token for the scopes "<scope>"
    Then "<listed>" is open to the token
    When "<unlisted>" is sent with the token
    Then it is refused with 403
    Given a token for the scopes "<scope>, <right>"
    Then "<unlisted>" is open to the token

    Examples:
      | scope       | listed      | unlisted                | right                    |
      | GET {list}  | GET {list}  | GET {other}             | GET {other}              |
      | GET {other} | GET {other} | GET {list}              | GET {list}               |
      | GET {list}  | GET {list}  | GET {list}/{id}         | GET {list}/:id           |
      | GET {list}  | GET {list}  | GET {list}/{id}/{below} | GET {list}/:id/{below}   |

  @SCP-09
  Scenario: A scope for GET does not open the other method
    Given a token for the scopes "GET {list}"
    When "{write} {list}" is sent with the token
    Then it is refused with 403
    Given a token for the scopes "{write} {list}"
    Then "{write} {list}" is open to the token

  @SCP-09
  Scenario: A scope for the other method does not open GET
    Given a token for the scopes "{write} {list}"
    When "GET {list}" is sent with the token
    Then it is refused with 403
    Given a token for the scopes "GET {list}"
    Then "GET {list}" is open to the token

  @SCP-10
  Scenario Outline: <scope> opens one segment, not <unlisted>
    Given a token for the scopes "<scope>"
    Then "GET {list}/{id}" is open to the token
    When "<unlisted>" is sent with the token
    Then it is refused with 403
    Given a token for the scopes "<right>"
    Then "<unlisted>" is open to the token

    Examples:
      | scope                | unlisted                | right                  |
      | GET {list}/:id       | GET {list}              | GET {list}             |
      | GET {list}/:id       | GET {list}/{id}/{below} | GET {list}/:id/{below} |
      | GET {list}/:any_name | GET {list}              | GET {list}             |

  @SCP-10
  Scenario Outline: A parameter inside a path stands for one segment, not for <unlisted>
    Given a token for the scopes "GET {list}/:id/{below}"
    Then "GET {list}/{id}/{below}" is open to the token
    When "<unlisted>" is sent with the token
    Then it is refused with 403
    Given a token for the scopes "<right>"
    Then "<unlisted>" is open to the token

    Examples:
      | unlisted        | right          |
      | GET {list}/{id} | GET {list}/:id |
      | GET {list}      | GET {list}     |

  @SCP-11
  Scenario Outline: The prefix in <scope> changes nothing
    Given a token for the scopes "<scope>"
    Then "<listed>" is open to the token
    When "<unlisted>" is sent with the token
    Then it is refused with 403

    Examples:
      | scope                  | listed          | unlisted        |
      | GET {prefix}{list}     | GET {list}      | GET {other}     |
      | GET {prefix}{list}/:id | GET {list}/{id} | GET {list}      |

  @SCP-12
  Scenario Outline: A token without scopes opens <request>
    Given a token
    Then "<request>" is open to the token

    Examples:
      | request                 |
      | GET {list}              |
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
    Given a token for the scopes "<method>"

    Examples:
      | method                 |
      | GET {list}             |
      | {write} {list}         |
      | GET {list}/:id         |
      | GET {list}/:id/{below} |
      | GET {other}            |

  @SCP-27
  Scenario Outline: A trailing * opens <request>
    Given a token for the scopes "GET {list}/*"
    Then "<request>" is open to the token
    When "GET {other}" is sent with the token
    Then it is refused

    Examples:
      | request                 |
      | GET {list}              |
      | GET {list}/{id}         |
      | GET {list}/{id}/{below} |

  @SCP-33
  Scenario: A user without the right is answered 403
    Given a token of the limited account
    When "GET {list}" is sent with the token
    Then it is refused with 403
    Given a token
    Then "GET {list}" is open to the token

  @SCP-30
  Scenario Outline: A token with <forgery> opens nothing
    Given a token
    When "GET {list}" is sent with <forgery>
    Then it is refused
    And "GET {list}" is open to the token

    Examples:
      | forgery                                          |
      | "alg" none and no signature                      |
      | "alg" none and the old signature                 |
      | a later "exp" and the old signature              |
      | another "sub" and the old signature              |
      | other characters in its signature                |
      | an HS256 signature by a key that others can have |
