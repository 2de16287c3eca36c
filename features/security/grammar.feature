Feature: What HTTP says of every server
  HEAD is GET without the body, and Authorization has a grammar.

  @session @form @scoped @SEC-08
  Scenario: HEAD with a token is answered as GET is
    Given a login obtained a token
    And the token grants access to the protected resource
    When the protected resource is asked for by HEAD with the token
    Then the status is that of GET

  @session @form @scoped @SEC-08
  Scenario: HEAD without a token is answered as GET is
    Given a login obtained a token
    When the protected resource is asked for by HEAD without a token
    Then the status is that of GET

  @session @rpc @scoped @SEC-09
  Scenario Outline: The token is accepted with <what>
    Given a login obtained a token
    And the token grants access to the protected resource
    When the protected resource is asked for with the Authorization "<written>"
    Then it is accepted

    Examples:
      | what                        | written       |
      | the scheme in small letters | bearer TOKEN  |
      | the scheme in capitals      | BEARER TOKEN  |
      | two spaces                  | Bearer  TOKEN |

  @session @rpc @scoped @SEC-09
  Scenario Outline: The token is refused <how>
    Given a login obtained a token
    And the token grants access to the protected resource
    When the protected resource is asked for with the Authorization "<written>"
    Then it is refused

    Examples:
      | how                  | written     |
      | without a scheme     | TOKEN       |
      | under another scheme | Token TOKEN |
      | without a space      | BearerTOKEN |
